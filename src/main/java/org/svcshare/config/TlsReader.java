package org.svcshare.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// Reads a `tls` block.
final class TlsReader {
    private TlsReader() {}

    /// @param enabled what the block's owner found out about `enabled`
    static TlsSettings read(Section tls, boolean enabled) {
        boolean verify = tls.flag("verify");
        Optional<String> pin = pin(tls);
        Optional<Path> ca = tls.file("ca");
        Optional<Path> certificate = tls.file("certificate");
        Optional<Secret> password = tls.secret("certificate-password");
        Optional<String> serverName = tls.text("server-name");
        tls.done();
        if (enabled && !verify && pin.isEmpty()) {
            tls.warn("verify", "false trusts anybody who answers there; tls.pin is safer");
        }
        return new TlsSettings(enabled, verify, pin, ca, certificate, password, serverName);
    }

    /// 64 hexadecimal digits in lower case, as written or with colons in between.
    private static Optional<String> pin(Section tls) {
        Optional<String> pin =
                tls.text("pin").map(text -> text.replace(":", "").toLowerCase(Locale.ROOT));
        if (pin.isPresent() && !pin.get().matches("[0-9a-f]{64}")) {
            tls.problem(
                    "pin",
                    "expected the SHA-256 of a certificate, 64 hexadecimal digits; `svcshare"
                            + " check` prints it");
            return Optional.empty();
        }
        return pin;
    }
}
