package org.svcshare.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import org.svcshare.config.HttpSettings.Tls;
import org.svcshare.config.KeyFiles;

/// Can a server's certificate and key be used: are they there, do they belong together, and is it
/// their time?
final class CertificateCheck {
    private static final String SUBJECT = "certificate";
    private static final Duration SOON = Duration.ofDays(14);
    private static final int MOST_NAMES = 5;

    private CertificateCheck() {}

    static Finding look(Tls tls, Instant now) {
        return look(tls, "http.tls.password", now);
    }

    /// @param password which setting opens a PKCS#12 file
    static Finding look(Tls tls, String password, Instant now) {
        try {
            return inTime(tls, KeyFiles.read(tls, password), now);
        } catch (IOException e) {
            return Finding.broken(SUBJECT, String.valueOf(e.getMessage()));
        }
    }

    private static Finding inTime(Tls tls, KeyFiles pair, Instant now) {
        X509Certificate own = pair.chain().getFirst();
        Instant end = own.getNotAfter().toInstant();
        String names = pair.names().stream().limit(MOST_NAMES).collect(Collectors.joining(", "));
        String of =
                tls.certificate()
                        + " for "
                        + (names.isEmpty() ? own.getSubjectX500Principal().getName() : names);
        if (now.isAfter(end)) {
            return Finding.broken(SUBJECT, of + " ended on " + day(end) + "; renew it");
        }
        if (now.isBefore(own.getNotBefore().toInstant())) {
            return Finding.broken(
                    SUBJECT,
                    of
                            + " begins on "
                            + day(own.getNotBefore().toInstant())
                            + "; is the clock right?");
        }
        if (pair.key().isEmpty()) {
            return Finding.doubtful(
                    SUBJECT,
                    tls.key().map(Path::toString).orElse("the key")
                            + " is not PKCS#8, so it was not compared with the certificate; `openssl"
                            + " pkcs8 -topk8 -nocrypt` makes it so");
        }
        if (now.plus(SOON).isAfter(end)) {
            return Finding.doubtful(SUBJECT, of + " ends on " + day(end) + "; renew it");
        }
        Path secret = tls.key().orElse(tls.certificate());
        return othersMayRead(secret)
                ? Finding.doubtful(SUBJECT, "others may read the key; chmod 600 " + secret)
                : Finding.well(SUBJECT, of + ", until " + day(end));
    }

    private static String day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate().toString();
    }

    private static boolean othersMayRead(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
