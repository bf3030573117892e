package org.svcshare.hook;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Secret;

/// A URL that gets an event as JSON by POST.
///
/// With a secret the header `X-Svcshare-Signature` is `t=SECONDS,v1=HEX`: the HMAC-SHA-256 of the
/// seconds, a dot and the body, so that a receiver can also refuse what is old. The header
/// `X-Svcshare-Delivery` stays the same when a delivery is tried again.
final class Webhook {
    private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
    private static final int TRIES = 4;

    private final HttpClient http;
    private final URI url;
    private final Optional<Secret> secret;
    private final Duration timeout;
    private final Duration firstPause;
    private final InstantSource clock;

    /// @param timeout for one try
    /// @param firstPause between the first and the second try; doubles then
    Webhook(
            HttpClient http,
            URI url,
            Optional<Secret> secret,
            Duration timeout,
            Duration firstPause,
            InstantSource clock) {
        this.http = http;
        this.url = url;
        this.secret = secret;
        this.timeout = timeout;
        this.firstPause = firstPause;
        this.clock = clock;
    }

    /// @return whether the receiver took it
    boolean post(Notice notice) throws InterruptedException {
        byte[] body = notice.json();
        String delivery = UUID.randomUUID().toString();
        Duration pause = firstPause;
        for (int attempt = 1; ; attempt++) {
            Answer answer = attempt(notice, body, delivery);
            if (answer == Answer.TAKEN) {
                return true;
            }
            if (answer == Answer.REFUSED || attempt == TRIES) {
                return false;
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2);
        }
    }

    private enum Answer {
        TAKEN,
        /// Trying again would not help.
        REFUSED,
        LATER
    }

    private Answer attempt(Notice notice, byte[] body, String delivery)
            throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url)
                        .timeout(timeout)
                        .header("Content-Type", "application/json")
                        .header("User-Agent", "svcshare")
                        .header("X-Svcshare-Event", notice.event())
                        .header("X-Svcshare-Delivery", delivery)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        secret.ifPresent(key -> request.header("X-Svcshare-Signature", signature(key, body)));
        try {
            int status =
                    http.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
            if (status / 100 == 2) {
                return Answer.TAKEN;
            }
            failed(notice, "status " + status);
            boolean busy = status == 408 || status == 429 || status >= 500;
            return busy ? Answer.LATER : Answer.REFUSED;
        } catch (IOException e) {
            String message = e.getMessage() == null ? "" : " " + e.getMessage();
            failed(notice, e.getClass().getSimpleName() + message);
            return Answer.LATER;
        }
    }

    private void failed(Notice notice, String reason) {
        // The path of a webhook is often its password.
        LOG.atWarn()
                .addKeyValue("host", url.getHost())
                .addKeyValue("event", notice.event())
                .addKeyValue("reason", reason)
                .log("webhook failed");
    }

    private String signature(Secret key, byte[] body) {
        long seconds = clock.instant().getEpochSecond();
        return "t=" + seconds + ",v1=" + hmac(key, seconds, body);
    }

    static String hmac(Secret key, long seconds, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.revealBytes(), "HmacSHA256"));
            mac.update((seconds + ".").getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
