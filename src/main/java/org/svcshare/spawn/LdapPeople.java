package org.svcshare.spawn;

import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
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
    private static final List<String> USUAL = List.of("uid", "givenName", "sn", "mail");
    private static final String GROUP_NAME = "cn";

    private final Ldap settings;
    private final Directory directory;
    private final Semaphore free = new Semaphore(AT_ONCE);

    /// @throws IOException when the authority's certificates cannot be read, or a filter is none;
    ///   the message is for people
    LdapPeople(Ldap settings) throws IOException {
        this.settings = settings;
        this.directory = new Directory(settings);
        check(settings);
    }

    /// Looks at the filters before somebody logs in.
    ///
    /// @throws IOException when one is none; the message is for people
    static void check(Ldap settings) throws IOException {
        check("replica.control.ldap.user-filter", settings.userFilter());
        if (!settings.groupFilter().isEmpty()) {
            check("replica.control.ldap.group-filter", settings.groupFilter());
        }
    }

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

    /// Of a template that was looked at before.
    private static Filter checked(String template, String name) {
        try {
            return filter(template, name);
        } catch (LDAPException e) {
            throw new IllegalStateException("not a filter any more", e);
        }
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
                    } catch (Directory.Trouble e) {
                        verdict = new Verdict.Away(e.why());
                    } catch (RuntimeException e) {
                        LOG.error("a login failed", e);
                        verdict = new Verdict.Away(e.getClass().getSimpleName());
                    } finally {
                        free.release();
                    }
                    then.accept(verdict);
                });
    }

    private Verdict look(String name, Secret password) throws Directory.Trouble {
        try (Directory.Session session = directory.open()) {
            Optional<String> dn = find(session, name);
            if (dn.isEmpty() || !session.as(dn.get(), password)) {
                return new Verdict.Unknown();
            }
            // People may see less than the account that is there for it.
            session.asAccount();
            return new Verdict.Known(person(session, dn.get(), name));
        }
    }

    /// @return the one entry of this name; empty for none, and for several
    private Optional<String> find(Directory.Session session, String name) throws Directory.Trouble {
        List<SearchResultEntry> found =
                session.search(
                        settings.base(),
                        SearchScope.SUB,
                        checked(settings.userFilter(), name),
                        2,
                        SearchRequest.NO_ATTRIBUTES);
        // A bind without a name is one as nobody (RFC 4513 section 5.1.1).
        return found.size() == 1 && !found.getFirst().getDN().isBlank()
                ? Optional.of(found.getFirst().getDN())
                : Optional.empty();
    }

    private Person person(Directory.Session session, String dn, String name)
            throws Directory.Trouble {
        List<String> asked = settings.attributes().isEmpty() ? USUAL : settings.attributes();
        List<SearchResultEntry> own =
                session.search(
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
                groups(session, name));
    }

    private static String text(@Nullable SearchResultEntry entry, String attribute) {
        String value = entry == null ? null : entry.getAttributeValue(attribute);
        return value == null ? "" : value;
    }

    private List<String> groups(Directory.Session session, String name) throws Directory.Trouble {
        if (settings.groupFilter().isEmpty()) {
            return List.of();
        }
        var names = new TreeSet<String>();
        List<SearchResultEntry> found =
                session.search(
                        settings.base(),
                        SearchScope.SUB,
                        checked(settings.groupFilter(), name),
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
