/* SPDX-License-Identifier: Apache-2.0
 *
 * throw-exception.cpp: lets a C++ exception out of its function.
 */
#include "plugin.h"
#include <stdexcept>

AGENT_PLUGIN("throw-exception")

static corral_status run_agent(corral_call, const corral_request *) { throw std::runtime_error("not my problem"); }
