package org.svcshare.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
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

    private final PlainSockets plain = new PlainSockets();
    private final Refusals refusals;
    private final SSLContext context;
    private final GrpcTlsConfig ratis;

    private PeerTls(KeyManager own, PeerTrust trust, Refusals refusals)
            throws GeneralSecurityException {
        this.refusals = refusals;
        context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {own}, new TrustManager[] {trust}, null);
        ratis = new GrpcTlsConfig(own, trust, true);
    }

    /// Reads certificate, key and authorities, and looks whether the others would let this node in.
    ///
    /// @param host as the others reach this node
    /// @throws IOException when they would not; the message says what is to be done
    public static PeerTls of(GroupSettings.Tls tls, String host) throws IOException {
        try {
            NodeKeys keys = NodeKeys.read(tls);
            var refusals = new Refusals();
            var trust = new PeerTrust(keys.authorities(), refusals);
            keys.check(host, Instant.now(), trust);
            keys.soonOver(Instant.now())
                    .ifPresent(
                            end -> LOG.warn("cluster.tls.certificate ends on {}; renew it", end));
            return new PeerTls(keys.manager(), trust, refusals);
        } catch (GeneralSecurityException e) {
            throw new IOException("cluster.tls cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public ServerSocket listen(InetSocketAddress at) throws IOException {
        var listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
        SSLParameters parameters = listener.getSSLParameters();
        parameters.setProtocols(VERSIONS);
        parameters.setNeedClientAuth(true);
        listener.setSSLParameters(parameters);
        listener.setReuseAddress(true);
        listener.bind(at);
        return listener;
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
                            context.getSocketFactory()
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
        return to;
    }
}
