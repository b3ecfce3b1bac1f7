/* SPDX-License-Identifier: Apache-2.0
 *
 * corral.h: everything a plugin author may need, in one include.
 */
#ifndef CORRAL_CORRAL_H
#define CORRAL_CORRAL_H

#include "entry.h"
#include "host.h"
#include "plugin.h"
#include "version.h"

#include "ext/draft/agent.h"
#include "ext/draft/connect.h"
#include "ext/draft/http.h"
#include "ext/draft/judge.h"
#include "ext/draft/memory.h"
#include "ext/draft/native.h"
#include "ext/draft/notifier.h"
#include "ext/draft/process.h"
#include "ext/draft/prompt.h"
#include "ext/draft/scanner.h"
#include "ext/draft/secret.h"
#include "ext/draft/smtp.h"
#include "ext/draft/storage.h"
#include "ext/draft/tool.h"
#include "ext/draft/tracer.h"

#endif
