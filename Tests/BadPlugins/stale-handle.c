/* SPDX-License-Identifier: Apache-2.0
 *
 * stale-handle.c: keeps the handle of its first call and uses it, and invented ones, in the second.
 */
#include "plugin.h"

AGENT_PLUGIN("stale-handle")

static corral_call kept;

static corral_status use(corral_call call) {
    corral_slice content;
    corral_error error = {sizeof error, 0, SLICE("code"), SLICE("message"), SLICE("")};
    int gone = host->push_result(call, SLICE("1")) == CORRAL_GONE &&
               host->push_partial(call, SLICE("x")) == CORRAL_GONE &&
               host->push_progress(call, 0.5, SLICE("x")) == CORRAL_GONE &&
               host->push_artifact(call, SLICE("a"), SLICE("text/plain"), SLICE("x")) == CORRAL_GONE &&
               host->read_artifact(call, SLICE("a"), &content) == CORRAL_GONE &&
               host->set_confidence(call, 0.5) == CORRAL_GONE &&
               host->add_change(call, SLICE("a"), SLICE("b")) == CORRAL_GONE &&
               host->set_error(call, &error) == CORRAL_GONE && host->complete(call, CORRAL_OK) == CORRAL_GONE &&
               host->is_cancelled(call) == 1;
    return gone ? CORRAL_OK : CORRAL_FAILED;
}

static corral_status run_agent(corral_call call, const corral_request *request) {
    (void)request;
    if (kept == 0) {
        kept = call;
        return host->push_result(call, SLICE("\"kept\""));
    }
    const corral_call invented[] = {kept, 0, 1, UINT64_MAX, call + 1, call ^ (1ull << 40), 0xFFFF};
    for (size_t i = 0; i < sizeof invented / sizeof invented[0]; i++)
        if (use(invented[i]) != CORRAL_OK) return host->push_result(call, SLICE("\"a stale handle was taken\""));
    return host->push_result(call, SLICE("\"gone\""));
}
