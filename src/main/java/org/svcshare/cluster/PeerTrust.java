package org.svcshare.cluster;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Believes certificates of the group's authorities and no other, and says in the log whom it did
/// not believe: neither Ratis nor the JDK does.
final class PeerTrust extends X509ExtendedTrustManager {
    private static final String ANY_TYPE = "UNKNOWN";

    private final Refusals refusals;
    private final X509ExtendedTrustManager judge;

    PeerTrust(List<X509Certificate> authorities, Refusals refusals)
            throws GeneralSecurityException, IOException {
        this.refusals = refusals;
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("ca-" + i, authorities.get(i));
        }
        var factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        judge = first(factory);
    }

    private static X509ExtendedTrustManager first(TrustManagerFactory factory) {
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new IllegalStateException("no X.509 trust manager in this Java");
    }

    /// Whether a node that has this certificate could be called and could call.
    void examine(X509Certificate[] chain) throws CertificateException {
        judge.checkServerTrusted(chain, ANY_TYPE);
        judge.checkClientTrusted(chain, ANY_TYPE);
    }

    private interface Check {
        void make() throws CertificateException;
    }

    private void judged(String who, X509Certificate[] chain, Check check)
            throws CertificateException {
        try {
            check.make();
        } catch (CertificateException e) {
            refusals.ofCertificate(who, chain, e);
            throw e;
        }
    }

    private static String called(@Nullable SSLSession session) {
        return session == null
                ? "a node"
                : "the node at " + session.getPeerHost() + ":" + session.getPeerPort();
    }

    // Who is called.

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judged("a node", chain, () -> judge.checkServerTrusted(chain, type));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        String who = called(socket instanceof SSLSocket s ? s.getHandshakeSession() : null);
        judged(who, chain, () -> judge.checkServerTrusted(chain, type, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        String who = called(engine.getHandshakeSession());
        judged(who, chain, () -> judge.checkServerTrusted(chain, type, engine));
    }

    // Who calls.

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        judged("a caller", chain, () -> judge.checkClientTrusted(chain, type));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        String who = "a caller from " + socket.getInetAddress().getHostAddress();
        judged(who, chain, () -> judge.checkClientTrusted(chain, type, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        judged("a caller", chain, () -> judge.checkClientTrusted(chain, type, engine));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
