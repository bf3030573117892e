package org.svcshare.spawn;

import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.ExtendedResult;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPRequest;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.extensions.StartTLSExtendedRequest;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.ReplicaSettings.Ldap;
import org.svcshare.config.ReplicaSettings.Ldap.Account;
import org.svcshare.config.Secret;

/// An LDAP directory, and connections to it that somebody has checked: TLS always, and nothing is
/// waited for longer than the settings allow.
final class Directory {
    private static final int MOST_REASON = 600;
    private static final int MOST_MESSAGE_BYTES = 1 << 20;

    /// What a directory answers where it is the name or the password that it does not like.
    private static final Set<ResultCode> REFUSALS =
            Set.of(
                    ResultCode.INVALID_CREDENTIALS,
                    ResultCode.NO_SUCH_OBJECT,
                    ResultCode.INAPPROPRIATE_AUTHENTICATION,
                    ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
                    ResultCode.CONSTRAINT_VIOLATION,
                    ResultCode.UNWILLING_TO_PERFORM);

    /// What one answers that is searched by somebody who has not said who it is. Active Directory
    /// takes the first for it.
    private static final Set<ResultCode> WANTS_A_NAME =
            Set.of(
                    ResultCode.OPERATIONS_ERROR,
                    ResultCode.STRONG_AUTH_REQUIRED,
                    ResultCode.INAPPROPRIATE_AUTHENTICATION,
                    ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
                    ResultCode.UNWILLING_TO_PERFORM,
                    ResultCode.AUTHORIZATION_DENIED);

    private final Ldap settings;
    private final SSLContext tls;

    /// It could not be asked, or does not answer as it should.
    static final class Trouble extends Exception {
        private static final long serialVersionUID = 1L;

        /// @param why one line for people; nothing of those who log in
        private Trouble(String why, @Nullable Throwable cause) {
            super(why, cause);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    /// @throws IOException when the authority's certificates cannot be read; the message is for
    ///   people
    Directory(Ldap settings) throws IOException {
        this.settings = settings;
        this.tls = tls(settings.authority());
    }

    private static SSLContext tls(Optional<Path> authority) throws IOException {
        try {
            var factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(authority.isPresent() ? store(authority.get()) : null);
            var context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("replica.control.ldap: TLS cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore store(Path authority) throws IOException, GeneralSecurityException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            int number = 0;
            for (Certificate one :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, one);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException(
                    "replica.control.ldap.ca: "
                            + authority
                            + " cannot be read as certificates: "
                            + e.getMessage(),
                    e);
        }
        if (store.size() == 0) {
            throw new IOException(
                    "replica.control.ldap.ca: there is no certificate in " + authority);
        }
        return store;
    }

    /// Connects, as the account of the settings where there is one, and as nobody otherwise.
    /// Blocks.
    Session open() throws Trouble {
        var deadline = new Deadline(settings.timeout());
        LDAPConnection connection;
        try {
            connection = connect(deadline);
        } catch (LDAPException e) {
            throw trouble("", e);
        }
        var session = new Session(connection, deadline);
        boolean opened = false;
        try {
            session.asAccount();
            opened = true;
            return session;
        } finally {
            if (!opened) {
                connection.close();
            }
        }
    }

    /// Of what a directory answers only which of LDAP's results it is, as its texts may have names
    /// in them.
    private Trouble trouble(String what, LDAPException e) {
        String result = settings.server() + ": " + what + e.getResultCode().getName();
        return new Trouble(
                e.getResultCode().isConnectionUsable()
                        ? result
                        : result + ": " + firstLine(String.valueOf(e.getMessage())),
                e);
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("").replaceFirst(", ldapSDKVersion=.*", "");
        return line.length() > MOST_REASON ? line.substring(0, MOST_REASON) : line;
    }

    /// How long all of a session may still take.
    private static final class Deadline {
        private final long endNanos;

        Deadline(Duration time) {
            endNanos = System.nanoTime() + time.toNanos();
        }

        int leftMs() throws LDAPException {
            long left = (endNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new LDAPException(ResultCode.TIMEOUT, "the time is over");
            }
            return (int) Math.min(left, Integer.MAX_VALUE);
        }

        <T extends LDAPRequest> T on(T request) throws LDAPException {
            request.setResponseTimeoutMillis(leftMs());
            request.setFollowReferrals(false);
            return request;
        }
    }

    private LDAPConnection connect(Deadline deadline) throws LDAPException {
        var options = new LDAPConnectionOptions();
        options.setUseSynchronousMode(true);
        options.setConnectTimeoutMillis(deadline.leftMs());
        options.setResponseTimeoutMillis(deadline.leftMs());
        options.setMaxMessageSize(MOST_MESSAGE_BYTES);
        options.setFollowReferrals(false);
        options.setSSLSocketVerifier(new HostNameSSLSocketVerifier(true, false));
        String host = settings.server().host();
        int port = settings.server().port();
        var sockets = new PatientSockets(tls.getSocketFactory(), deadline.leftMs());
        if (settings.tls()) {
            return new LDAPConnection(sockets, options, host, port);
        }
        var connection = new LDAPConnection(options, host, port);
        try {
            ExtendedResult secured =
                    connection.processExtendedOperation(
                            deadline.on(new StartTLSExtendedRequest(sockets)));
            if (!secured.getResultCode().equals(ResultCode.SUCCESS)) {
                throw new LDAPException(secured.getResultCode(), "StartTLS was refused");
            }
            return connection;
        } catch (LDAPException e) {
            connection.close();
            throw e;
        }
    }

    /// One connection; for one thread.
    final class Session implements AutoCloseable {
        private final LDAPConnection connection;
        private final Deadline deadline;

        private Session(LDAPConnection connection, Deadline deadline) {
            this.connection = connection;
            this.deadline = deadline;
        }

        /// From here on as the account of the settings, where there is one.
        void asAccount() throws Trouble {
            if (settings.account().isEmpty()) {
                return;
            }
            Account account = settings.account().get();
            try {
                if (!bound(account.dn(), account.password())) {
                    throw new LDAPException(ResultCode.INVALID_CREDENTIALS);
                }
            } catch (LDAPException e) {
                boolean refused =
                        REFUSALS.contains(e.getResultCode())
                                || e.getResultCode().equals(ResultCode.INVALID_DN_SYNTAX);
                throw trouble(refused ? "refuses replica.control.ldap.bind-dn: " : "", e);
            }
        }

        /// From here on as this one.
        ///
        /// @return false when it is not let in
        boolean as(String dn, Secret password) throws Trouble {
            try {
                return bound(dn, password);
            } catch (LDAPException e) {
                if (REFUSALS.contains(e.getResultCode())) {
                    return false;
                }
                throw trouble("", e);
            }
        }

        private boolean bound(String dn, Secret password) throws LDAPException {
            return connection
                    .bind(deadline.on(new SimpleBindRequest(dn, password.revealBytes())))
                    .getResultCode()
                    .equals(ResultCode.SUCCESS);
        }

        /// @param most how many entries are looked at; there may be more
        List<SearchResultEntry> search(
                String base, SearchScope scope, Filter filter, int most, String... attributes)
                throws Trouble {
            try {
                return found(base, scope, filter, most, attributes);
            } catch (LDAPSearchException e) {
                if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
                    return orNone(e.getSearchEntries());
                }
                if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
                    return List.of();
                }
                throw searchTrouble(e);
            } catch (LDAPException e) {
                throw searchTrouble(e);
            }
        }

        private Trouble searchTrouble(LDAPException e) {
            Trouble trouble = trouble("", e);
            boolean nobody = settings.account().isEmpty();
            return nobody && WANTS_A_NAME.contains(e.getResultCode())
                    ? new Trouble(
                            trouble.why()
                                    + "; it may want replica.control.ldap.bind-dn to be searched",
                            e)
                    : trouble;
        }

        private List<SearchResultEntry> found(
                String base, SearchScope scope, Filter filter, int most, String... attributes)
                throws LDAPException {
            var request =
                    new SearchRequest(
                            base,
                            scope,
                            DereferencePolicy.NEVER,
                            most,
                            Math.max(1, deadline.leftMs() / 1000),
                            false,
                            filter,
                            attributes);
            return orNone(connection.search(deadline.on(request)).getSearchEntries());
        }

        private static List<SearchResultEntry> orNone(@Nullable List<SearchResultEntry> entries) {
            return entries == null ? List.of() : entries;
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
