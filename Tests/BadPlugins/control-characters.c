/* SPDX-License-Identifier: Apache-2.0
 *
 * control-characters.c: puts escape sequences, returns, bells and direction marks wherever a plugin's text goes: log,
 * progress, partial output, standard output and error, and at last its error.
 */
#include "plugin.h"
#include <unistd.h>

AGENT_PLUGIN("control-characters")

#define EVIL "\033[2J\033]0;owned\007\033[31m\r\b\xe2\x80\xae\xd8\x9c\xc2\x9b" "6n evil"

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    host->log(call, CORRAL_LOG_ERROR, SLICE(EVIL));
    host->log(call, CORRAL_LOG_ERROR, SLICE("one line\n2026-01-01T00:00:00 error corral: a forged line"));
    host->push_progress(call, 0.5, SLICE(EVIL));
    host->push_partial(call, SLICE(EVIL));
    static const char text[] = EVIL "\n";
    for (int descriptor = 1; descriptor <= 2; descriptor++) {
        ssize_t written = write(descriptor, text, sizeof text - 1);
        (void)written;
    }
    corral_error error = {sizeof error, 0, SLICE("evil"), SLICE(EVIL), SLICE("{\"text\":\"\\u001b[2J\"}")};
    host->set_error(call, &error);
    return CORRAL_FAILED;
}
