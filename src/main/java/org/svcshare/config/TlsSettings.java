package org.svcshare.config;

import java.nio.file.Path;
import java.util.Optional;

/// TLS of a connection that we make.
///
/// @param verify chain and host name; false trusts anybody and is logged as a warning
/// @param pin SHA-256 of the server's certificate in hexadecimal; replaces chain and name
/// @param ca a PEM file of further certificate authorities
/// @param certificate a PKCS#12 file with a certificate of our own, for SASL EXTERNAL
/// @param serverName the name to send and to verify where it is not the host
public record TlsSettings(
        boolean enabled,
        boolean verify,
        Optional<String> pin,
        Optional<Path> ca,
        Optional<Path> certificate,
        Optional<Secret> certificatePassword,
        Optional<String> serverName) {

    public static final TlsSettings OFF =
            new TlsSettings(
                    false,
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    public static final TlsSettings VERIFIED =
            new TlsSettings(
                    true,
                    true,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /// The same, switched on.
    public TlsSettings on() {
        return new TlsSettings(true, verify, pin, ca, certificate, certificatePassword, serverName);
    }
}
