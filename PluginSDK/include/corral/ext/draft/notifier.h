/* SPDX-License-Identifier: Apache-2.0
 *
 * notifier.h: the kind "notifier": tells people or systems outside that something happened. The host decides what is
 * worth telling, journals each delivery and tries again after a failure that is retryable. DRAFT.
 */
#ifndef CORRAL_EXT_NOTIFIER_H
#define CORRAL_EXT_NOTIFIER_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_NOTIFIER "corral.notifier/1"

/* What a notifier implements. Every function has the shape of corral_agent.run: a JSON object in request->body, a JSON
 * object pushed as the result, failures by corral_host.set_error and a negative status, CORRAL_PENDING when the
 * completion follows. */
typedef struct corral_notifier {
    uint32_t struct_size;
    uint32_t reserved;

    /* {"now_ms", "id", "topic", "title", "text", "severity", "time_ms", "data", "to"?, "settings"?} → {"detail"?}. "id" is the
     * same in every attempt of one delivery: receivers deduplicate by it. "topic" is a dotted name such as
     * decision.flipped; title and text are for people, "data" is JSON for programs; severity is info, warning or
     * error; "time_ms" is when it happened. "to" is a list of receivers in the notifier's own words and overrides
     * its configuration. "settings" are those of the channel, as the operator wrote them. "detail" is one line for the
     * history of deliveries, such as a status. A failure says with corral_error.is_retryable whether another attempt
     * may help, and may say with {"retry_after_ms"} in its details when; the code endpoint_gone ends all deliveries to
     * this channel. [call] */
    corral_status (*CORRAL_NONNULL notify)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);
} corral_notifier;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
