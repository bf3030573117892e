package org.svcshare.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.ClientSettings;
import org.svcshare.config.Secret;

/// HTTP to a client program: bounded in time and size, without redirects, its failures told in
/// words that never hold a secret.
final class ClientHttp implements AutoCloseable {
    static final int MOST_BODY_BYTES = 16 * 1024 * 1024;

    /// Shorter ones would riddle every message and be guessed anyway.
    private static final int SHORTEST_SECRET_CHARS = 3;

    private final String program;
    private final URI base;
    private final Optional<String> user;
    private final Optional<String> password;
    private final List<String> secrets = new ArrayList<>();
    private final Duration timeout;
    private final HttpClient client;

    /// What came back, whatever the status.
    record Answer(int status, HttpHeaders headers, String text) {
        boolean ok() {
            return status / 100 == 2;
        }
    }

    /// @param port of the program by default, when the settings have no URL
    /// @param usualUser of the program, when the settings have a password only
    static ClientHttp of(ClientSettings settings, int port, String usualUser) {
        URI url = settings.url().orElse(URI.create("http://127.0.0.1:" + port));
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (url.getHost() == null || (!scheme.equals("http") && !scheme.equals("https"))) {
            throw new IllegalArgumentException(
                    "client.url: expected http:// or https:// and a host, as in http://127.0.0.1:"
                            + port);
        }
        return new ClientHttp(settings, url, usualUser);
    }

    private ClientHttp(ClientSettings settings, URI url, String usualUser) {
        this.program = settings.type();
        this.timeout = settings.timeout();
        boolean tls = settings.tls().enabled() || "https".equalsIgnoreCase(url.getScheme());
        this.base = bare(url, tls ? "https" : "http");

        Optional<String> info = Optional.ofNullable(url.getRawUserInfo());
        Optional<String> urlUser = info.map(i -> decoded(i.split(":", 2)[0]));
        Optional<String> urlPassword =
                info.filter(i -> i.indexOf(':') >= 0).map(i -> decoded(i.split(":", 2)[1]));
        this.password = settings.password().map(Secret::reveal).or(() -> urlPassword);
        this.user = settings.user().or(() -> urlUser).or(() -> password.map(_ -> usualUser));
        password.ifPresent(this::keepSecret);
        settings.key().map(Secret::reveal).ifPresent(this::keepSecret);

        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(timeout);
        if (tls) {
            builder.sslContext(ClientTls.context(settings.tls()));
        }
        this.client = builder.build();
    }

    /// Without user, query and fragment, in this scheme.
    private static URI bare(URI url, String scheme) {
        try {
            String path = url.getPath() == null ? "" : url.getPath().replaceAll("/+$", "");
            return new URI(scheme, null, url.getHost(), url.getPort(), path, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("client.url: " + e.getReason(), e);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /// The settings' path, without a slash at its end.
    String path() {
        return base.getRawPath();
    }

    /// @param path absolute; may have a query
    URI at(String path) {
        return URI.create(base.getScheme() + "://" + base.getRawAuthority() + path);
    }

    Optional<String> user() {
        return user;
    }

    Optional<String> password() {
        return password;
    }

    Duration timeout() {
        return timeout;
    }

    /// Program and address, to begin a message with.
    String where() {
        return program + " at " + base;
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(at(path)).timeout(timeout);
    }

    /// Basic authentication in advance: some programs ask for none and just refuse.
    HttpRequest.Builder withBasic(HttpRequest.Builder request) {
        if (user.isPresent() || password.isPresent()) {
            String pair = user.orElse("") + ":" + password.orElse("");
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return request;
    }

    static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
                .collect(Collectors.joining("&"));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /// For calls that change nothing: made once more when the connection broke.
    Answer read(HttpRequest request) throws ClientException, InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            return attempt(request, timeout.toNanos());
        } catch (IOException e) {
            long left = end - System.nanoTime();
            if (e instanceof HttpTimeoutException || e instanceof SSLException || left <= 0) {
                throw failure(e);
            }
            try {
                return attempt(request, left);
            } catch (IOException again) {
                throw failure(again);
            }
        }
    }

    /// For calls that change something: made once. Not for GET: Java makes that again of its own
    /// accord when a kept connection breaks.
    Answer write(HttpRequest request) throws ClientException, InterruptedException {
        try {
            return attempt(request, timeout.toNanos());
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /// The request's own timeout ends with the headers; a body that trickles needs this one.
    private Answer attempt(HttpRequest request, long nanos)
            throws IOException, ClientException, InterruptedException {
        CompletableFuture<HttpResponse<String>> future =
                client.sendAsync(
                        request,
                        BodyHandlers.limiting(
                                BodyHandlers.ofString(StandardCharsets.UTF_8), MOST_BODY_BYTES));
        try {
            HttpResponse<String> response = future.get(nanos, TimeUnit.NANOSECONDS);
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new HttpTimeoutException("no whole answer");
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            for (@Nullable Throwable t = e.getCause(); t != null; t = t.getCause()) {
                if (String.valueOf(t.getMessage()).contains("exceeds capacity")) {
                    throw new ClientException(
                            Kind.MALFORMED,
                            where()
                                    + ": the answer is larger than "
                                    + MOST_BODY_BYTES / (1024 * 1024)
                                    + " MB",
                            e);
                }
            }
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private ClientException failure(IOException e) {
        String text =
                switch (e) {
                    case HttpTimeoutException _ ->
                            "no answer within "
                                    + Texts.seconds(timeout)
                                    + "; is it busy, or client.url wrong?";
                    case SSLException ssl ->
                            "TLS failed: "
                                    + clean(String.valueOf(ssl.getMessage()))
                                    + "; for a certificate of its own set client.tls.pin or"
                                    + " client.tls.ca";
                    case ConnectException connect ->
                            causedBy(connect, UnresolvedAddressException.class)
                                    ? "there is no host of that name; is client.url right?"
                                    : "nobody answers; is it running, and client.url right?";
                    default -> "the connection broke before the answer was complete";
                };
        return new ClientException(Kind.UNREACHABLE, where() + ": " + text, e);
    }

    private static boolean causedBy(Throwable e, Class<? extends Throwable> type) {
        for (@Nullable Throwable t = e; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    /// Why a status that is no success is none, where the program has no meaning of its own for it.
    ///
    /// @param credentials what to look at when it is about credentials
    ClientException refused(Answer answer, String credentials) {
        int status = answer.status();
        return switch (status) {
            case 401, 403 ->
                    failure(
                            Kind.UNAUTHORISED,
                            "HTTP " + status + said(answer) + "; look at " + credentials);
            case 301, 302, 303, 307, 308 ->
                    failure(
                            Kind.MALFORMED,
                            "HTTP " + status + ", a redirect; set client.url to where it leads");
            case 404, 405 ->
                    failure(
                            Kind.MALFORMED,
                            "HTTP "
                                    + status
                                    + ", no control interface there; is client.url right?");
            case 502, 503, 504 ->
                    failure(Kind.UNREACHABLE, "HTTP " + status + " from what stands before it");
            default -> failure(Kind.MALFORMED, "HTTP " + status + said(answer));
        };
    }

    private static String said(Answer answer) {
        // Pages for people say in many tags what the status says already.
        return answer.text().isBlank() || answer.text().stripLeading().startsWith("<")
                ? ""
                : " (\"" + Texts.excerpt(answer.text()) + "\")";
    }

    /// A failure with the program and its address before the text and no secret in it.
    ClientException failure(Kind kind, String text) {
        return new ClientException(kind, where() + ": " + clean(text));
    }

    Fields json(Answer answer) throws ClientException {
        try {
            return Fields.parse(answer.text(), where());
        } catch (ClientException e) {
            throw new ClientException(e.kind(), clean(String.valueOf(e.getMessage())));
        }
    }

    String clean(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, "***");
        }
        return clean;
    }

    /// From now on replaced in every message, also as a URL would hold it.
    private void keepSecret(String secret) {
        if (secret.length() >= SHORTEST_SECRET_CHARS) {
            secrets.add(secret);
            secrets.add(encoded(secret));
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
