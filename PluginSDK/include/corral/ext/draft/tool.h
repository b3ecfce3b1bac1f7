/* SPDX-License-Identifier: Apache-2.0
 *
 * tool.h: the kind "tool", named functions with JSON arguments, and the host service through which a call uses one.
 * DRAFT.
 */
#ifndef CORRAL_EXT_TOOL_H
#define CORRAL_EXT_TOOL_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_TOOL "corral.tool/1"
#define CORRAL_EXT_HOST_TOOL "corral.host.tool/1"

/* What a plugin that provides tools implements. Their names and schemas are in the manifest. */
typedef struct corral_tool {
    uint32_t struct_size;
    uint32_t reserved;

    /* Calls the tool `name` of the manifest; request->body is the arguments object. `name` and `request` live until
     * completion. Results, status and errors as with corral_agent.run. [call] */
    corral_status (*CORRAL_NONNULL call)(
        void *CORRAL_NULLABLE instance, corral_call call, corral_slice name,
        const corral_request *CORRAL_NONNULL request);
} corral_tool;

/* The answer to corral_host_tool.start, called exactly once for each start that returned CORRAL_OK. `status` is
 * CORRAL_OK and `result` the tool's JSON value, or negative and `result` a JSON object {"code", "message",
 * "retryable"}. `result` lives until this function returns. When the calling call is over first, `status` is
 * CORRAL_GONE. [notify] */
typedef void (*corral_tool_completion)(void *CORRAL_NULLABLE argument, corral_status status, corral_slice result);

/* The host service "corral.host.tool/1": use a tool of another plugin, by grant. */
typedef struct corral_host_tool {
    uint32_t struct_size;
    uint32_t reserved;

    /* Starts the tool "publisher/name.tool" with a JSON object of arguments, on behalf of `call`. Both slices are
     * copied. Errors at once: GONE, INVALID (no JSON object, NULL completion), LIMIT (too many under way). A denial by
     * policy arrives at the completion as CORRAL_DENIED. [any] */
    corral_status (*CORRAL_NONNULL start)(
        corral_call call, corral_slice tool, corral_slice arguments, corral_tool_completion CORRAL_NONNULL completion,
        void *CORRAL_NULLABLE argument);
} corral_host_tool;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
