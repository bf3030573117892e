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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings.Ldap;
import org.svcshare.config.Secret;

/// Those whom an LDAP directory knows: found by a filter, and then bound to with the password (RFC
/// 4513). Each login has a connection and a virtual thread of its own, for as long as the settings
/// allow and not longer.
final class LdapPeople implements People {
    private static final Logger LOG = LoggerFactory.getLogger(LdapPeople.class);
    private static final int AT_ONCE = 16;
    private static final int MOST_GROUPS = 1000;
    private static final int MOST_REASON = 600;
    private static final int MOST_MESSAGE_BYTES = 1 << 20;
    private static final List<String> USUAL = List.of("uid", "givenName", "sn", "mail");
    private static final String GROUP_NAME = "cn";

    /// What a directory answers where it is the person that is not let in.
    private static final Set<ResultCode> REFUSALS =
            Set.of(
                    ResultCode.INVALID_CREDENTIALS,
                    ResultCode.NO_SUCH_OBJECT,
                    ResultCode.INAPPROPRIATE_AUTHENTICATION,
                    ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
                    ResultCode.CONSTRAINT_VIOLATION,
                    ResultCode.UNWILLING_TO_PERFORM);

    private final Ldap settings;
    private final SSLContext tls;
    private final Semaphore free = new Semaphore(AT_ONCE);

    /// @throws IOException when the authority's certificates cannot be read, or a filter is none;
    ///   the message is for people
    LdapPeople(Ldap settings) throws IOException {
        this.settings = settings;
        this.tls = tls(settings.authority());
        check("replica.control.ldap.user-filter", settings.userFilter());
        if (!settings.groupFilter().isEmpty()) {
            check("replica.control.ldap.group-filter", settings.groupFilter());
        }
    }

    /// Looks whether it is one before somebody logs in.
    private static void check(String path, String template) throws IOException {
        try {
            filter(template, "somebody");
        } catch (LDAPException e) {
            throw new IOException(path + ": expected an LDAP filter: " + e.getMessage(), e);
        }
        if (!template.contains("%s")) {
            throw new IOException(path + ": expected %s where the user's name goes");
        }
    }

    /// Everything of the name stands for itself, whatever it means in a filter (RFC 4515 section
    /// 3).
    private static Filter filter(String template, String name) throws LDAPException {
        return Filter.create(template.replace("%s", Filter.encodeValue(name)));
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
                    "replica.control.ldap.authority: "
                            + authority
                            + " cannot be read as certificates: "
                            + e.getMessage(),
                    e);
        }
        if (store.size() == 0) {
            throw new IOException(
                    "replica.control.ldap.authority: there is no certificate in " + authority);
        }
        return store;
    }

    @Override
    public void login(String name, Secret password, Consumer<Verdict> then) {
        if (name.isEmpty() || password.reveal().isEmpty()) {
            // A bind without a password succeeds and means nothing (RFC 4513 section 5.1.2).
            then.accept(new Verdict.Unknown());
            return;
        }
        if (!free.tryAcquire()) {
            then.accept(new Verdict.Away(AT_ONCE + " logins are under way already"));
            return;
        }
        Thread.ofVirtual()
                .name("svcshare-login")
                .start(() -> {
                    Verdict verdict;
                    try {
                        verdict = look(name, password);
                    } catch (LDAPException e) {
                        verdict = new Verdict.Away(why(e));
                    } catch (RuntimeException e) {
                        LOG.error("a login failed", e);
                        verdict = new Verdict.Away(e.getClass().getSimpleName());
                    } finally {
                        free.release();
                    }
                    then.accept(verdict);
                });
    }

    /// One line; of what a directory answers only which of LDAP's results it is, as its texts may
    /// have names in them.
    private String why(LDAPException e) {
        String result = settings.server() + ": " + e.getResultCode().getName();
        return e.getResultCode().isConnectionUsable()
                ? result
                : result + ": " + firstLine(String.valueOf(e.getMessage()));
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > MOST_REASON ? line.substring(0, MOST_REASON) : line;
    }

    private Verdict look(String name, Secret password) throws LDAPException {
        var deadline = new Deadline(settings.timeout());
        try (LDAPConnection connection = connect(deadline)) {
            Optional<String> dn = find(connection, deadline, name);
            if (dn.isEmpty() || !bind(connection, deadline, dn.get(), password)) {
                return new Verdict.Unknown();
            }
            return new Verdict.Known(person(connection, deadline, dn.get(), name));
        }
    }

    /// How long all of a login may still take.
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

    /// @return the one entry of this name; empty for none, and for several
    private Optional<String> find(LDAPConnection connection, Deadline deadline, String name)
            throws LDAPException {
        List<SearchResultEntry> found =
                search(
                        connection,
                        deadline,
                        settings.base(),
                        SearchScope.SUB,
                        filter(settings.userFilter(), name),
                        2,
                        SearchRequest.NO_ATTRIBUTES);
        // A bind without a name is one as nobody (RFC 4513 section 5.1.1).
        return found.size() == 1 && !found.getFirst().getDN().isBlank()
                ? Optional.of(found.getFirst().getDN())
                : Optional.empty();
    }

    /// @param most how many entries are looked at; there may be more
    private static List<SearchResultEntry> search(
            LDAPConnection connection,
            Deadline deadline,
            String base,
            SearchScope scope,
            Filter filter,
            int most,
            String... attributes)
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
        try {
            return orNone(connection.search(deadline.on(request)).getSearchEntries());
        } catch (LDAPSearchException e) {
            if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)) {
                return orNone(e.getSearchEntries());
            }
            if (e.getResultCode().equals(ResultCode.NO_SUCH_OBJECT)) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<SearchResultEntry> orNone(@Nullable List<SearchResultEntry> entries) {
        return entries == null ? List.of() : entries;
    }

    private static boolean bind(
            LDAPConnection connection, Deadline deadline, String dn, Secret password)
            throws LDAPException {
        try {
            return connection
                    .bind(deadline.on(new SimpleBindRequest(dn, password.revealBytes())))
                    .getResultCode()
                    .equals(ResultCode.SUCCESS);
        } catch (LDAPException e) {
            if (REFUSALS.contains(e.getResultCode())) {
                return false;
            }
            throw e;
        }
    }

    private Person person(LDAPConnection connection, Deadline deadline, String dn, String name)
            throws LDAPException {
        List<String> asked = settings.attributes().isEmpty() ? USUAL : settings.attributes();
        List<SearchResultEntry> own =
                search(
                        connection,
                        deadline,
                        dn,
                        SearchScope.BASE,
                        Filter.createPresenceFilter("objectClass"),
                        1,
                        asked.toArray(String[]::new));
        SearchResultEntry entry = own.isEmpty() ? null : own.getFirst();
        String uid = text(entry, "uid");
        return new Person(
                uid.isEmpty() ? name : uid,
                text(entry, "givenName"),
                text(entry, "sn"),
                text(entry, "mail"),
                groups(connection, deadline, name));
    }

    private static String text(@Nullable SearchResultEntry entry, String attribute) {
        String value = entry == null ? null : entry.getAttributeValue(attribute);
        return value == null ? "" : value;
    }

    private List<String> groups(LDAPConnection connection, Deadline deadline, String name)
            throws LDAPException {
        if (settings.groupFilter().isEmpty()) {
            return List.of();
        }
        var names = new TreeSet<String>();
        List<SearchResultEntry> found =
                search(
                        connection,
                        deadline,
                        settings.base(),
                        SearchScope.SUB,
                        filter(settings.groupFilter(), name),
                        MOST_GROUPS,
                        GROUP_NAME);
        for (SearchResultEntry group : found) {
            String called = group.getAttributeValue(GROUP_NAME);
            if (called != null) {
                names.add(called);
            }
        }
        return new ArrayList<>(names);
    }
}
