// SPDX-License-Identifier: Apache-2.0
// Toolchain: which Swift built this worker. Libraries of another one cannot share its runtime, so both are named when
// they differ.

import CCorralToolchain

/// The text that plugins of the same toolchain carry in their ELF note.
let toolchain = String(cString: corral_toolchain())
