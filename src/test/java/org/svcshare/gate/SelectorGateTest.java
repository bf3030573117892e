package org.svcshare.gate;

import org.svcshare.config.GateSettings;

class SelectorGateTest extends GateContract {
    @Override
    Gate gate(GateSettings settings, GateListener listener) {
        return new TcpGate(settings, listener, TcpGate.Engine.SELECTOR, 1);
    }
}
