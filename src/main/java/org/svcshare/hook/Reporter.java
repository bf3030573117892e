package org.svcshare.hook;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReporterSettings;
import org.svcshare.turn.Happening;

/// The reporter of svcshare 0.3: a form with the moved bytes to `/post` of a host whenever the last
/// connection has ended.
///
/// As there, the path of the URL does not count and the answer, `ok…` when all is well, is only
/// logged. Unlike there, `https` is honoured and nobody waits for it. A report is not sent twice:
/// nothing in it would tell the receiver that it is the same.
public final class Reporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int SHOWN_ANSWER = 100;

    private final URI url;
    private final ReporterSettings settings;
    private final HttpClient http;
    private final Outbox outbox;

    public Reporter(ReporterSettings settings) {
        this.settings = settings;
        this.url = target(settings.url());
        this.http =
                HttpClient.newBuilder()
                        // What 0.3 reported to may not know more.
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(TIMEOUT)
                        .build();
        this.outbox = new Outbox("reporter", Outbox.CAPACITY);
    }

    static URI target(URI url) {
        String scheme = url.getScheme().toLowerCase(Locale.ROOT);
        try {
            return new URI(scheme, null, url.getHost(), url.getPort(), "/post", null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("reporter.url: " + e.getMessage(), e);
        }
    }

    /// Never blocks; everything but [Happening.Transferred] is passed over.
    ///
    /// @param time not used; the report has the times of the transfer
    /// @param nick not used; the key says who reports
    public void accept(Happening happening, Instant time, String nick) {
        if (happening instanceof Happening.Transferred transferred) {
            outbox.put(() -> report(transferred));
        }
    }

    public HookCounts counts() {
        return outbox.counts();
    }

    /// Takes nothing more and lets what waits be delivered until the limit.
    public void finish(Duration limit) throws InterruptedException {
        outbox.finish(limit);
    }

    @Override
    public void close() {
        outbox.close();
        http.shutdownNow();
    }

    private boolean report(Happening.Transferred transferred) throws InterruptedException {
        var request =
                HttpRequest.newBuilder(url)
                        .timeout(TIMEOUT)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form(transferred)))
                        .build();
        try {
            HttpResponse<String> response =
                    http.send(
                            request,
                            HttpResponse.BodyHandlers.limiting(
                                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8),
                                    64 * 1024));
            boolean ok = response.statusCode() == 200 && response.body().startsWith("ok");
            String body = response.body();
            (ok ? LOG.atInfo() : LOG.atWarn())
                    .addKeyValue("host", url.getHost())
                    .addKeyValue("bytes", transferred.movedBytes())
                    .addKeyValue("status", response.statusCode())
                    .addKeyValue("answer", body.substring(0, Math.min(SHOWN_ANSWER, body.length())))
                    .log(ok ? "reported" : "report not taken");
            return ok;
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("host", url.getHost())
                    .addKeyValue("reason", e.getClass().getSimpleName() + " " + e.getMessage())
                    .log("report failed");
            return false;
        }
    }

    String form(Happening.Transferred transferred) {
        return "private_key="
                + URLEncoder.encode(settings.key().reveal(), StandardCharsets.UTF_8)
                + "&bytes="
                + transferred.movedBytes()
                + "&start="
                + epoch(transferred.began())
                + "&end="
                + epoch(transferred.ended());
    }

    /// Seconds since 1970 with two decimals.
    private static String epoch(Instant instant) {
        long hundredths = Math.floorDiv(instant.toEpochMilli(), 10);
        return String.format(Locale.ROOT, "%d.%02d", hundredths / 100, hundredths % 100);
    }
}
