// SPDX-License-Identifier: Apache-2.0
// corral-worker: the process that loads plugins. Its arguments are for people who read `ps`; it looks at none of them.

import CorralWorkerRuntime

WorkerMain.run()
