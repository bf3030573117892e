package org.svcshare.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.svcshare.config.GateSettings.WhenClosed;

/// Reads the `gate` block.
final class GateReader {
    /// Digits and colons only, so that taking the address apart never asks a name server.
    private static final Pattern CIDR =
            Pattern.compile("([0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:/(\\d{1,3}))?");

    private final Section gate;

    GateReader(Section gate) {
        this.gate = gate;
    }

    GateSettings read() {
        Endpoint fallback = new Endpoint("localhost", 8999);
        Section tls = gate.section("target-tls");
        var settings =
                new GateSettings(
                        gate.endpoint("listen", 0, 8999).orElse(fallback),
                        targets(),
                        TlsReader.read(tls, tls.flag("enabled")),
                        gate.choice(
                                "when-closed",
                                Map.of(
                                        "refuse",
                                        WhenClosed.REFUSE,
                                        "reset",
                                        WhenClosed.RESET,
                                        "hold",
                                        WhenClosed.HOLD),
                                WhenClosed.REFUSE),
                        gate.duration("hold-limit", Duration.ofMillis(1)),
                        gate.number("max-connections", 0, 100_000),
                        gate.bytes("bandwidth"),
                        gate.duration("connect-timeout", Duration.ofMillis(1)),
                        gate.duration("idle-timeout", Duration.ZERO),
                        allow());
        gate.done();
        if (!Loopback.is(settings.listen().host()) && settings.allow().isEmpty()) {
            gate.warn(
                    "listen",
                    "not loopback, and gate.allow is empty: whoever reaches it may use it");
        }
        if (settings.listen().port() != 0 && settings.targets().contains(settings.listen())) {
            gate.problem("targets", "expected the service, found the gate itself");
        }
        return settings;
    }

    private List<Endpoint> targets() {
        List<String> texts = gate.texts("targets");
        var targets = new ArrayList<Endpoint>();
        for (String text : texts) {
            gate.endpoint("targets", text, 1, 0).ifPresent(targets::add);
        }
        if (texts.isEmpty()) {
            gate.problem(
                    "targets",
                    "expected host:port of the shared service, for instance"
                            + " [\"news.example.net:563\"], found nothing");
        }
        return targets;
    }

    private List<String> allow() {
        List<String> networks = gate.texts("allow");
        for (String network : networks) {
            if (!isCidr(network)) {
                gate.problem(
                        "allow",
                        "expected networks in CIDR form, for instance 192.168.0.0/16, found "
                                + Section.quoted(network));
            }
        }
        return networks;
    }

    static boolean isCidr(String network) {
        var parts = CIDR.matcher(network);
        if (!parts.matches()) {
            return false;
        }
        String address = parts.group(1);
        if (!address.contains(":") && !address.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            return false;
        }
        try {
            int bits = InetAddress.getByName(address).getAddress().length * 8;
            return parts.group(2) == null || Integer.parseInt(parts.group(2)) <= bits;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
