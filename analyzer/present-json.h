/*
 * present-json.h - what the report and the log say alike of a finding.
 */
#ifndef ANALYZER_PRESENT_JSON_H
#define ANALYZER_PRESENT_JSON_H

#include "json-writer.h"
#include "presenter.h"

void json_subject(struct json *j, const char *const subject[SUBJECTS]);
void json_evidence(struct json *j, const struct finding *f);
void json_fix(struct json *j, const struct fix *fix);

#endif
