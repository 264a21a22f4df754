/*
 * tcp.h - a TCP connection: what its three files share.
 *
 * tcp.c reads segments and says what became of the connection; tcp-order.c
 * puts the data of each direction in order; tcp-stream.c cuts it into the
 * messages of the carrier.
 */
#ifndef DISSECT_TCP_H
#define DISSECT_TCP_H

#include "flow.h"
#include "pieces.h"

/* The messages of one direction. */
struct stream {
	uint8_t *buf; /* head of the message that is under way */
	size_t len, room;
	size_t total; /* its length; 0: not known yet */
	size_t pos;   /* how much of it went by */
	size_t keep;  /* how much of it is wanted */
	bool aligned; /* where a message starts is known */
	bool frozen;  /* a hole in what is wanted: no more of it */
};

/* One direction. */
struct tcp_dir {
	uint32_t next; /* sequence number expected */
	uint32_t isn;
	uint32_t fin;   /* sequence number of the FIN */
	uint32_t acked; /* the other side has all before */
	bool synced;    /* next is known */
	bool has_isn, has_fin, has_acked;
	struct pieces waiting; /* behind a hole */
	struct stream stream;
};

struct tcp {
	struct conn *conn;
	struct tcp_dir dir[2];
	struct tcp *newer, *older; /* in the list of holes */
	int64_t since;             /* of the oldest hole */
	bool has_hole;
	bool opened;   /* "open" was said */
	bool ended;    /* "closed" or "reset" was said */
	bool data;     /* any was seen */
	uint32_t syns; /* how often the SYN was sent */
};

/* --- tcp-order.c ------------------------------------------------------ */

/* R are the octets of direction DIR from SEQ on. */
void order_data(struct dissector *d, struct conn *c, int dir, uint32_t seq,
    struct reader r);
/* The other side has all of direction DIR before ACK; SPEAKS: and it says
 * something, likely in answer. */
void order_acked(struct dissector *d, struct conn *c, int dir, uint32_t ack,
    bool speaks);
/* Nothing more comes. */
void order_end(struct dissector *d, struct conn *c, int dir);

/* --- tcp-stream.c ----------------------------------------------------- */

/* The next octets, as one segment has them. */
void stream_data(struct dissector *d, struct conn *c, int dir, struct reader r);
/* The next N octets were not captured. */
void stream_gap(struct dissector *d, struct conn *c, int dir, size_t n);
/* Delivers what there is of the last message. */
void stream_end(struct dissector *d, struct conn *c, int dir);

#endif
