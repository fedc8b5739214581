/* SPDX-License-Identifier: MIT */
/** Reports in files: JUnit's XML, and Sonar's generic test execution report. */
#ifndef CORACLE_TESTING_XML_H
#define CORACLE_TESTING_XML_H

#include "testing/report.h"

/** Write one of all outcomes. Returns 0 or a negative errno. */
int cor_xml_write_junit(const struct cor_report *report, const char *path) COR_CHECKED;
int cor_xml_write_sonar(const struct cor_report *report, const char *path) COR_CHECKED;

#endif
