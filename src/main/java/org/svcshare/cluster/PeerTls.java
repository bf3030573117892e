package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GroupSettings;

/// Connections between nodes with TLS 1.2 or 1.3, on which both sides show a certificate.
///
/// What is looked at: the certificate of either side has to be in time and from an authority of the
/// group, and whoever connects also wants it to name the host that it connects to (RFC 9525: its
/// alternative names). The name of who calls is not looked at, since a node that was away may be
/// called by new ones of which it has not heard; so the authority should be for the group alone.
public final class PeerTls implements PeerSockets {
    private static final Logger LOG = LoggerFactory.getLogger(PeerTls.class);
    private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};
    private static final int HANDSHAKE_MS = 5_000;

    /// Closing a connection that the other end does not read must not wait for it.
    private static final int LINGER_SECONDS = 1;

    private static final Duration WARN_AGAIN = Duration.ofDays(1);

    private final PlainSockets plain = new PlainSockets();
    private final Refusals refusals = new Refusals();
    private final GroupSettings.Tls tls;
    private final String host;
    private final GrpcTlsConfig ratis;

    private volatile Known known;

    /// What was in use before that.
    private volatile Known before;

    // Of who looks at the files again.

    private String seen;
    private String useless = "";
    private Instant warnAgain = Instant.MIN;

    /// What the files had at one time.
    ///
    /// @param stamp of the files
    private record Known(
            String stamp,
            NodeKeys keys,
            LiveKeys.Numbered own,
            PeerTrust trust,
            SSLContext context) {}

    private PeerTls(GroupSettings.Tls tls, String host)
            throws IOException, GeneralSecurityException {
        this.tls = tls;
        this.host = host;
        Known first = read(stamp(), 1);
        known = first;
        before = first;
        seen = first.stamp;
        ratis =
                new GrpcTlsConfig(
                        new LiveKeys(() -> known.own, () -> before.own),
                        new LiveTrust(() -> known.trust),
                        true);
    }

    /// Reads certificate, key and authorities, and looks whether the others would let this node in.
    ///
    /// @param host as the others reach this node
    /// @throws IOException when they would not; the message says what is to be done
    public static PeerTls of(GroupSettings.Tls tls, String host) throws IOException {
        try {
            var made = new PeerTls(tls, host);
            made.warn(Instant.now());
            return made;
        } catch (GeneralSecurityException e) {
            throw new IOException("cluster.tls cannot be used: " + e.getMessage(), e);
        }
    }

    private Known read(String stamp, int number) throws IOException, GeneralSecurityException {
        NodeKeys keys = NodeKeys.read(tls);
        var trust = new PeerTrust(keys.authorities(), refusals);
        keys.check(host, Instant.now(), trust);
        X509ExtendedKeyManager own = keys.manager();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {own}, new TrustManager[] {trust}, null);
        return new Known(stamp, keys, new LiveKeys.Numbered(number, own), trust, context);
    }

    /// Takes what is in the files, if that is another than before and of use. Connections that are
    /// there stay as they are. Files that changed since the last look may still be written to: they
    /// are read when they have stayed the same.
    @Override
    public synchronized void lookAgain() {
        warn(Instant.now());
        String now = stamp();
        if (!now.equals(seen)) {
            seen = now;
            return;
        }
        if (now.equals(known.stamp) || now.equals(useless)) {
            return;
        }
        try {
            Known next = read(now, known.own.number() + 1);
            before = known;
            known = next;
            useless = "";
            warnAgain = Instant.MIN;
            LOG.atInfo()
                    .addKeyValue("until", next.keys.ends())
                    .log("the files of cluster.tls have changed, and are in use");
            warn(Instant.now());
        } catch (IOException | GeneralSecurityException e) {
            useless = now;
            LOG.error(
                    "the files of cluster.tls have changed, but what was there before stays in use:"
                            + " {}",
                    e.getMessage());
        }
    }

    private void warn(Instant now) {
        if (now.isBefore(warnAgain)) {
            return;
        }
        known.keys
                .soonOver(now)
                .ifPresent(end -> {
                    warnAgain = now.plus(WARN_AGAIN);
                    LOG.warn("cluster.tls.certificate ends on {}; renew it", end);
                });
    }

    private String stamp() {
        var stamp = new StringBuilder();
        Stream.of(Optional.of(tls.own().certificate()), tls.own().key(), Optional.of(tls.ca()))
                .flatMap(Optional::stream)
                .forEach(file -> stamp.append(stamp(file)).append(' '));
        return stamp.toString();
    }

    private static String stamp(Path file) {
        try {
            var is = Files.readAttributes(file, BasicFileAttributes.class);
            return is.fileKey() + "/" + is.size() + "/" + is.lastModifiedTime();
        } catch (IOException e) {
            return e.getClass().getSimpleName();
        }
    }

    /// Each connection begins with what is in use then.
    @Override
    public ServerSocket listen(InetSocketAddress at) throws IOException {
        var listener =
                new ServerSocket() {
                    @Override
                    public Socket accept() throws IOException {
                        return secured(super.accept());
                    }
                };
        try {
            listener.setReuseAddress(true);
            listener.bind(at);
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    private Socket secured(Socket open) throws IOException {
        try {
            var secure =
                    (SSLSocket) known.context.getSocketFactory().createSocket(open, null, true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setProtocols(VERSIONS);
            parameters.setNeedClientAuth(true);
            secure.setSSLParameters(parameters);
            return secure;
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    @Override
    public void letIn(Socket caller) throws IOException {
        // A timeout of reads alone would let a caller spend for ever on one small piece at a time.
        Thread watch =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                TimeUnit.MILLISECONDS.sleep(HANDSHAKE_MS);
                                caller.close();
                            } catch (InterruptedException | IOException _) {
                                // It was in time.
                            }
                        });
        try {
            caller.setSoLinger(true, LINGER_SECONDS);
            ((SSLSocket) caller).startHandshake();
        } catch (IOException e) {
            refusals.ofCaller(caller.getInetAddress().getHostAddress(), e);
            throw e;
        } finally {
            watch.interrupt();
        }
    }

    @Override
    public Socket connect(InetSocketAddress to, int timeoutMs) throws IOException {
        Socket open = plain.connect(to, timeoutMs);
        try {
            var secure =
                    (SSLSocket)
                            known.context
                                    .getSocketFactory()
                                    .createSocket(open, to.getHostString(), to.getPort(), true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setProtocols(VERSIONS);
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.setSoLinger(true, LINGER_SECONDS);
            secure.setSoTimeout(timeoutMs);
            secure.startHandshake();
            secure.setSoTimeout(0);
            return secure;
        } catch (IOException e) {
            open.close();
            throw e;
        }
    }

    @Override
    public Parameters ofRatis() {
        var to = new Parameters();
        GrpcConfigKeys.TLS.setConf(to, ratis);
        GrpcConfigKeys.Server.setServicesCustomizer(to, new RaftCallers(ratis, refusals));
        return to;
    }

    @Override
    public long refused() {
        return refusals.count();
    }
}
