// SPDX-License-Identifier: Apache-2.0
// corral-broker: the process that has the network. `corral-broker --check` prints libcurl's version and ends.

import CorralBrokerProcess

BrokerMain.run()
