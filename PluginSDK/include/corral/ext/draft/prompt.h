/* SPDX-License-Identifier: Apache-2.0
 *
 * prompt.h: the host service "corral.host.prompt/1": named prompts as data. The plugin ships a default text; people may
 * put other versions in its place, and the host knows which one a call used. DRAFT.
 *
 * The manifest declares:
 *   "prompts": [{"name": "system", "text": "You review {{language}} code.", "variables": ["language"], "help"?: text}]
 */
#ifndef CORRAL_EXT_PROMPT_H
#define CORRAL_EXT_PROMPT_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_HOST_PROMPT "corral.host.prompt/1"

/* The answer to corral_host_prompt.render, called exactly once for each render that returned CORRAL_OK. `status` is
 * CORRAL_OK and `result` {"text", "version", "label"?}, or negative and `result` a JSON object {"code", "message",
 * "retryable"}. `result` lives until this function returns. When the calling call is over first, `status` is
 * CORRAL_GONE. [notify] */
typedef void (*corral_prompt_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice result);

/* The host service "corral.host.prompt/1". A name that the manifest does not declare is CORRAL_INVALID at the
 * completion. */
typedef struct corral_host_prompt {
    uint32_t struct_size;
    uint32_t reserved;

    /* Renders the prompt `name` of this plugin, in the version that counts for this call, with a JSON object of
     * variables. Both slices are copied. Errors at once: GONE, INVALID (no name, no JSON object, NULL completion), LIMIT
     * (too many under way). [any] */
    corral_status (*CORRAL_NONNULL render)(
        corral_call call, corral_slice name, corral_slice variables, corral_prompt_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_prompt;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
