/* SPDX-License-Identifier: Apache-2.0
 *
 * scanner.h: the kind "scanner": finds what must not go on as it stands, such as card numbers and keys. It only finds;
 * the host's policy decides whether a finding is allowed, flagged, redacted or blocks the call. DRAFT.
 *
 * The manifest may say what it finds, so that a policy can be checked before anything runs:
 *   "scanner": {"classes": [{"name": "credit_card", "severity": "high", "help"?: text}]}
 */
#ifndef CORRAL_EXT_SCANNER_H
#define CORRAL_EXT_SCANNER_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_SCANNER "corral.scanner/1"

/* What a scanner implements. Every function has the shape of corral_agent.run: a JSON object in request->body, a JSON
 * object pushed as the result, failures by corral_host.set_error and a negative status, CORRAL_PENDING when the
 * completion follows. It sees texts of every tenant call, so it must take time linear in their size, whatever they are,
 * keep nothing of them and write none of them to its log. */
typedef struct corral_scanner {
    uint32_t struct_size;
    uint32_t reserved;

    /* {"now_ms", "texts": [{"key"?, "text"}]} → {"findings": [{"text", "start", "end", "class", "severity",
     * "confidence", "redaction"}]}. "key" is the name under which the text stood, for example of its JSON member:
     * "password" says much about a value. "text" of a finding is the index of the text; start and end count bytes of
     * its UTF-8 and lie on character borders, start < end. Severity: low, medium, high or critical. Confidence: from
     * 0 to 1. "redaction" is the text that may stand in its place. In order of text and start; findings of one text
     * do not overlap. [call] */
    corral_status (*CORRAL_NONNULL scan)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);
} corral_scanner;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
