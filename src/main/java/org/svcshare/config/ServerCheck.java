package org.svcshare.config;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// A judgement of certificates that is the same for a socket, an engine and neither.
///
/// It is of the extended kind since the JDK adds checks of its own to the plain one.
public abstract class ServerCheck extends X509ExtendedTrustManager {
    private static final X509Certificate[] NONE = {};

    /// @param chain the server's own first; may be empty
    /// @throws CertificateException when it is not believed; the message is for people
    protected abstract void server(X509Certificate[] chain) throws CertificateException;

    /// The same for who connects to us; without an own judgement nobody is believed.
    protected void caller(X509Certificate[] chain) throws CertificateException {
        throw new CertificateException("not a server");
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        server(chain);
    }

    @Override
    public final void checkServerTrusted(
            X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        server(chain);
    }

    @Override
    public final void checkServerTrusted(
            X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        server(chain);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        caller(chain);
    }

    @Override
    public final void checkClientTrusted(
            X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        caller(chain);
    }

    @Override
    public final void checkClientTrusted(
            X509Certificate[] chain, String type, @Nullable SSLEngine engine)
            throws CertificateException {
        caller(chain);
    }

    @Override
    public final X509Certificate[] getAcceptedIssuers() {
        return NONE;
    }
}
