/* SPDX-License-Identifier: Apache-2.0
 *
 * tracer.h: the kind "tracer": takes the spans of finished calls to where they are looked at. It never holds up a call:
 * the host exports in batches, after the fact, and counts what is lost. DRAFT.
 */
#ifndef CORRAL_EXT_TRACER_H
#define CORRAL_EXT_TRACER_H

#include "../../plugin.h"

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define CORRAL_EXT_TRACER "corral.tracer/1"

/* What a tracer implements. Every function has the shape of corral_agent.run: a JSON object in request->body, a JSON
 * object pushed as the result, failures by corral_host.set_error and a negative status, CORRAL_PENDING when the
 * completion follows. */
typedef struct corral_tracer {
    uint32_t struct_size;
    uint32_t reserved;

    /* The method "export": an ExportTraceServiceRequest of OpenTelemetry in its JSON form (OTLP 1.x: ids in
     * hexadecimal, times as decimal text, enum values as numbers) → {} or {"rejected": number of spans, "message"}.
     * Batches arrive one at a time and in order. A retryable failure brings the same batch again. [call] */
    corral_status (*CORRAL_NONNULL export_spans)(
        void *CORRAL_NULLABLE instance, corral_call call, const corral_request *CORRAL_NONNULL request);
} corral_tracer;

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif
