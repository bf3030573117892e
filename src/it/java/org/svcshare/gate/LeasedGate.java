package org.svcshare.gate;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings;
import org.svcshare.config.TlsSettings;

/// A process with one gate that is open for so long and is never renewed: `LeasedGate KIND
/// TARGET_PORT LEASE_MILLIS`.
///
/// Prints `open PORT` and, when the gate has closed by itself, `lapsed`. Ends with its standard
/// input.
final class LeasedGate {
    private LeasedGate() {}

    public static void main(String[] arguments) throws Exception {
        var kind = StoppedGateIT.Kind.valueOf(arguments[0]);
        var tls =
                new TlsSettings(
                        true,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        var settings =
                new GateSettings(
                        new Endpoint("127.0.0.1", 0),
                        List.of(new Endpoint("127.0.0.1", Integer.parseInt(arguments[1]))),
                        kind == StoppedGateIT.Kind.TLS ? tls : TlsSettings.OFF,
                        GateSettings.WhenClosed.REFUSE,
                        Duration.ofSeconds(10),
                        0,
                        0,
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        List.of());
        var engine =
                kind == StoppedGateIT.Kind.SELECTOR
                        ? TcpGate.Engine.SELECTOR
                        : TcpGate.Engine.NETTY;
        try (var gate = new TcpGate(settings, new Told(), engine, 2)) {
            Moment until = Moment.now().plus(Duration.ofMillis(Long.parseLong(arguments[2])));
            gate.open(until).toCompletableFuture().join();
            System.out.println("open " + gate.port());
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    private static final class Told implements GateListener {
        @Override
        public void connectionsChanged() {}

        @Override
        public void knocked() {}

        @Override
        public void lapsed() {
            System.out.println("lapsed");
        }

        @Override
        public void targetFailed(String why) {
            System.out.println("failed " + why);
        }
    }
}
