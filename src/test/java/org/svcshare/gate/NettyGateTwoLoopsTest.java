package org.svcshare.gate;

import org.svcshare.config.GateSettings;

class NettyGateTwoLoopsTest extends GateContract {
    @Override
    Gate gate(GateSettings settings, GateListener listener) {
        return new TcpGate(settings, listener, TcpGate.Engine.NETTY, 2);
    }
}
