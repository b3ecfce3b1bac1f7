/* SPDX-License-Identifier: Apache-2.0
 *
 * agent.h: the kind "agent": JSON in, JSON out, one purpose. DRAFT.
 */
#ifndef CORRAL_EXT_AGENT_H
#define CORRAL_EXT_AGENT_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_AGENT "corral.agent/1"

typedef struct corral_agent {
    uint32_t struct_size;
    uint32_t reserved;

    /* Runs the agent once. `request` lives until completion. Returns CORRAL_OK when the result has been pushed whole,
     * CORRAL_PENDING when corral_host.complete will follow, or a negative status after corral_host.set_error. [call] */
    corral_status (*CORRAL_NONNULL run)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);
} corral_agent;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
