/* SPDX-License-Identifier: Apache-2.0
 *
 * judge.h: the kind "judge": looks at what an agent made of its input, after the fact, and gives scores. DRAFT.
 *
 * The manifest may say which criteria it knows, as it likes:
 *   "judge": {"criteria": [{"name", "help"?}]}
 */
#ifndef CORRAL_EXT_JUDGE_H
#define CORRAL_EXT_JUDGE_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_JUDGE "corral.judge/1"

/* What a judge implements. Every function has the shape of corral_agent.run: a JSON object in request->body, a JSON
 * object pushed as the result, failures by corral_host.set_error and a negative status, CORRAL_PENDING when the
 * completion follows. */
typedef struct corral_judge {
    uint32_t struct_size;
    uint32_t reserved;

    /* {"now_ms", "agent", "flow", "step", "run", "input", "output", "criteria"?} → {"scores": [{"criterion",
     * "score", "explanation"}]}. "criteria" is what the operator wrote for this agent, in the judge's own words;
     * without it the judge uses its configuration. "score" is a number from 1 (useless) to 10 (as good as it gets),
     * or null when the judge abstains: it says why in the explanation, which is one or two sentences for people. One
     * score for a criterion. [call] */
    corral_status (*CORRAL_NONNULL judge)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);
} corral_judge;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
