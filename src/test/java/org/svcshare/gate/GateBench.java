package org.svcshare.gate;

import java.time.Duration;
import java.util.List;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings;
import org.svcshare.config.TlsSettings;

/// One open gate for measurements: `GateBench LISTEN_PORT TARGET_PORT [LOOPS [ENGINE]]`.
final class GateBench {
    private GateBench() {}

    public static void main(String[] arguments) throws Exception {
        var settings =
                new GateSettings(
                        new Endpoint("127.0.0.1", Integer.parseInt(arguments[0])),
                        List.of(new Endpoint("127.0.0.1", Integer.parseInt(arguments[1]))),
                        TlsSettings.OFF,
                        GateSettings.WhenClosed.REFUSE,
                        Duration.ofSeconds(10),
                        0,
                        0,
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        List.of());
        int loops =
                arguments.length > 2
                        ? Integer.parseInt(arguments[2])
                        : TcpGate.loopsForThisMachine();
        var engine = TcpGate.Engine.valueOf(arguments.length > 3 ? arguments[3] : "SELECTOR");
        try (var gate = new TcpGate(settings, new SilentListener(), engine, loops)) {
            gate.open().toCompletableFuture().join();
            System.out.println("open " + gate.port() + " " + loops);
            // Ends with its standard input, so that it never outlives the script.
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
            System.out.println(gate.counts());
        }
    }

    private static final class SilentListener implements GateListener {
        @Override
        public void connectionsChanged() {}

        @Override
        public void knocked() {}

        @Override
        public void lapsed() {}

        @Override
        public void targetFailed(String why) {
            System.err.println(why);
        }
    }
}
