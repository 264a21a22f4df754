/*
 * confine.c - giving up: the user, capabilities, system calls.
 *
 * capabilities(7), prctl(2), seccomp(2).
 */
#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "confine-calls.h"
#include "sensor-inside.h"
#include "text.h"

static pid_t parent; /* with which this process ends; 0: none */

bool
confine_with_parent(pid_t pid)
{
	parent = pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return getppid() == pid;
}

static bool
known_user(const char *name, struct confine_user *u)
{
	const struct passwd *pw = getpwnam(name);

	if (pw == NULL)
		return false;
	u->name = name;
	u->uid = pw->pw_uid;
	u->gid = pw->pw_gid;
	return true;
}

bool
confine_find_user(const char *user, struct confine_user *u)
{
	*u = (struct confine_user){ .change = geteuid() == 0 };
	if (!u->change)
		return true;
	if (user == NULL &&
	    (known_user("kerbscope", u) || known_user("nobody", u)))
		return true;
	if (user != NULL && known_user(user, u))
		return true;
	message("--user %s: there is no such user",
	    user != NULL ? user : "nobody");
	return false;
}

/*
 * Becomes U with KEEP (-1: none) as all that stays. The bounding set is
 * emptied as well where that is allowed: without new privileges it gives
 * nothing to anybody, but who looks at the process sees so.
 */
static bool
give_up(const struct confine_user *u, int keep)
{
	capng_flags_t flags = CAPNG_DROP_SUPP_GRP;

	capng_get_caps_process();
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		flags |= CAPNG_CLEAR_BOUNDING;
	capng_clear(CAPNG_SELECT_BOTH);
	if (keep >= 0)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
		    (unsigned)keep);
	errno = EPERM;
	if (u != NULL && u->change) {
		if (capng_change_id((int)u->uid, (int)u->gid, flags) != 0)
			return false;
	} else if (capng_apply(CAPNG_SELECT_CAPS) != 0) {
		return false;
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

/* One line on stderr. */
static void
tell_kept(const struct confine_user *u)
{
	if (u->change)
		message("cannot become user %s: %s", u->name, strerror(errno));
	else
		message("cannot give up privileges: %s", strerror(errno));
}

bool
confine_monitor(const struct confine_user *u)
{
	if (give_up(u, CAP_NET_RAW))
		return true;
	tell_kept(u);
	return false;
}

const char *
confine_grabber(void)
{
	if (!give_up(NULL, -1))
		return "cannot give up privileges";
	return calls_limit(CALLS_GRABBER) ? NULL :
					    "cannot limit its system calls";
}

bool
confine(const char *user, unsigned able)
{
	struct confine_user u;

	if (!confine_find_user(user, &u))
		return false;
	if (!give_up(&u, -1)) {
		tell_kept(&u);
		return false;
	}
	/* The change of user took it away. */
	if (parent != 0 && !confine_with_parent(parent))
		raise(SIGTERM);
	tzset(); /* reads a file */
#ifndef HAVE_SECCOMP
	message("built without libseccomp: system calls are not limited");
#endif
	if (calls_limit(able | CALLS_ANALYZER))
		return true;
	message("cannot limit its system calls: %s", strerror(errno));
	return false;
}
