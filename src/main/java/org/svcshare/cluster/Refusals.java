package org.svcshare.cluster;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says in the log who was not believed, and why. The same is said once a minute at most: whoever
/// is refused comes back several times a second.
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long AGAIN_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int MOST_REMEMBERED = 100;

    private final AtomicLong count = new AtomicLong();
    private final LongSupplier nanos;
    private final Consumer<String> log;
    private final Map<String, Long> said =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };

    Refusals() {
        this(System::nanoTime, LOG::warn);
    }

    /// @param nanos a clock as [System#nanoTime]
    Refusals(LongSupplier nanos, Consumer<String> log) {
        this.nanos = nanos;
        this.log = log;
    }

    void ofCertificate(String who, X509Certificate[] chain, CertificateException why) {
        String subject =
                chain.length == 0 ? "nobody" : chain[0].getSubjectX500Principal().getName();
        say(who, "certificate of " + subject + ": " + words(why));
    }

    /// A connection that did not get as far as a certificate.
    void ofCaller(String from, Throwable why) {
        SSLException refused = null;
        for (Throwable cause = why; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return; // Said where it was found out.
            }
            if (cause instanceof SSLException ssl) {
                refused = ssl;
            }
        }
        if (refused != null) {
            say("a caller from " + from, words(refused));
        }
    }

    /// How many were not believed so far.
    long count() {
        return count.get();
    }

    private void say(String who, String why) {
        count.incrementAndGet();
        // Others wrote it.
        String plain = why.replaceAll("\\p{Cntrl}", " ");
        if (again(who + plain)) {
            log.accept(who + " is not believed to be of the group: " + plain);
        }
    }

    private synchronized boolean again(String what) {
        long now = nanos.getAsLong();
        Long before = said.get(what);
        if (before != null && now - before < AGAIN_NANOS) {
            return false;
        }
        said.remove(what);
        said.put(what, now);
        return true;
    }

    /// The usual mistakes in words of people.
    static String words(Throwable why) {
        for (Throwable cause = why; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case CertificateExpiredException _ -> {
                    return "its time is over (" + cause.getMessage() + ")";
                }
                case CertificateNotYetValidException _ -> {
                    return "its time has not begun (" + cause.getMessage() + ")";
                }
                case CertPathBuilderException _ -> {
                    return "it is from no authority in cluster.tls.ca";
                }
                default -> {}
            }
        }
        String said = String.valueOf(why.getMessage());
        if (said.contains("No subject alternative") || said.contains("No name matching")) {
            return "it is for another host";
        }
        // The JDK's words, and BoringSSL's and Netty's.
        if (said.contains("Empty client certificate chain")
                || said.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")) {
            return "it shows no certificate from an authority in cluster.tls.ca";
        }
        return said.contains("Unsupported or unrecognized SSL message")
                        || said.contains("not an SSL/TLS record")
                ? "it does not speak TLS"
                : said;
    }
}
