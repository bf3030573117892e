package org.svcshare.gate;

import org.svcshare.config.GateSettings;

class NettyGateTest extends GateContract {
    @Override
    Gate gate(GateSettings settings, GateListener listener) {
        return new TcpGate(settings, listener, TcpGate.Engine.NETTY, 1);
    }
}
