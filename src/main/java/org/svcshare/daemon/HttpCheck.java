package org.svcshare.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.svcshare.config.Endpoint;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.Loopback;
import org.svcshare.config.Settings;
import org.svcshare.pool.PoolRules;

/// Could the HTTP server listen, be believed, and let in whom it should?
final class HttpCheck {
    private static final String SERVER = "HTTP server";
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int PAGE_BYTES = 16 * 1024;
    private static final int MOST_NAMED = 5;

    private final HttpSettings http;
    private final List<PoolRules> declared;

    HttpCheck(Settings settings) {
        this.http = settings.http();
        this.declared = settings.pools().rules().declared();
    }

    List<Finding> look() {
        if (!http.enabled()) {
            return List.of();
        }
        var findings = new ArrayList<Finding>();
        findings.add(listen());
        http.tls().ifPresent(tls -> findings.add(CertificateCheck.look(tls, Instant.now())));
        findings.add(tokens());
        findings.addAll(closedPools());
        return findings;
    }

    // The port.

    private Finding listen() {
        Endpoint listen = http.listen();
        if (listen.port() == 0) {
            return Finding.well(SERVER, listen.host() + ", on a port that is free then");
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(listen.host())) {
                try (var socket = new ServerSocket()) {
                    socket.setReuseAddress(true);
                    socket.bind(new InetSocketAddress(address, listen.port()));
                }
            }
            return Finding.well(SERVER, listen + " is free");
        } catch (UnknownHostException e) {
            return Finding.broken(SERVER, listen + ": there is no host of that name");
        } catch (BindException e) {
            return refused(listen, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Finding.broken(SERVER, listen + ": " + e.getMessage());
        }
    }

    private Finding refused(Endpoint listen, String why) {
        String reason = why.toLowerCase(Locale.ROOT);
        if (reason.contains("permission")) {
            return Finding.broken(
                    SERVER,
                    listen + " may not be used by you: ports below 1024 need a right of their own");
        }
        if (!reason.contains("in use")) {
            return Finding.broken(
                    SERVER,
                    listen + " is no address of this machine; set http.listen to one: " + why);
        }
        String by = isOurs(listen) ? "a svcshare that runs already" : "another program";
        return http.listenSet()
                ? Finding.broken(
                        SERVER,
                        listen + " is taken by " + by + "; end it, or set http.listen to another")
                : Finding.doubtful(
                        SERVER,
                        listen
                                + " is taken by "
                                + by
                                + ", so there would be no HTTP server; set http.listen to another");
    }

    /// Asks for the status page, which everybody may see; no token is sent.
    private boolean isOurs(Endpoint listen) {
        int patienceMs = (int) PATIENCE.toMillis();
        try (var plain = new Socket()) {
            InetAddress address = InetAddress.getByName(listen.host());
            if (address.isAnyLocalAddress()) {
                address = InetAddress.getLoopbackAddress();
            }
            plain.connect(new InetSocketAddress(address, listen.port()), patienceMs);
            plain.setSoTimeout(patienceMs);
            try (Socket socket = http.tls().isPresent() ? unverified(plain, listen) : plain) {
                String request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(ISO_8859_1));
                byte[] answer = socket.getInputStream().readNBytes(PAGE_BYTES);
                return new String(answer, ISO_8859_1).contains("<title>svcshare");
            }
        } catch (IOException | GeneralSecurityException e) {
            return false;
        }
    }

    /// Nothing secret is said, so it does not matter to whom.
    private static Socket unverified(Socket plain, Endpoint listen)
            throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        return context.getSocketFactory().createSocket(plain, listen.host(), listen.port(), true);
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    // Who may come in.

    private Finding tokens() {
        List<Token> tokens = http.tokens();
        if (tokens.isEmpty()) {
            return Loopback.is(http.listen().host())
                    ? Finding.well("tokens", "none: who is on this machine may do everything")
                    : Finding.broken(
                            "tokens",
                            "none, and "
                                    + http.listen().host()
                                    + " is not loopback: set http.tokens; `svcshare secret` draws"
                                    + " one");
        }
        String named =
                tokens.stream()
                        .limit(MOST_NAMED)
                        .map(token ->
                                token.name()
                                        + " ("
                                        + token.role().name().toLowerCase(Locale.ROOT)
                                        + ")")
                        .collect(Collectors.joining(", "));
        String more = tokens.size() > MOST_NAMED ? " and " + (tokens.size() - MOST_NAMED) : "";
        return tokens.stream().anyMatch(token -> token.role() != Role.READ)
                ? Finding.well("tokens", named + more)
                : Finding.doubtful(
                        "tokens", named + more + ": nobody may take locks; that needs role = lock");
    }

    /// A token's name has to be on a pool's list.
    private List<Finding> closedPools() {
        boolean legacy = http.legacy() || Loopback.is(http.listen().host());
        if (http.tokens().isEmpty() || legacy) {
            return List.of();
        }
        Set<String> takers =
                http.tokens().stream()
                        .filter(token -> token.role() != Role.READ)
                        .map(Token::name)
                        .collect(Collectors.toSet());
        boolean admin = http.tokens().stream().anyMatch(token -> token.role() == Role.ADMIN);
        return declared.stream()
                .filter(pool -> !pool.allow().isEmpty())
                .filter(pool -> !admin && pool.allow().stream().noneMatch(takers::contains))
                .map(pool ->
                        Finding.doubtful(
                                "pools",
                                pool.name()
                                        + ": nobody may have it, as its list allow has the name of"
                                        + " no token with role = lock"))
                .toList();
    }
}
