package org.svcshare.spawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.OperationType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.cluster.TestAuthority;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings.Ldap;
import org.svcshare.config.ReplicaSettings.Ldap.Account;
import org.svcshare.config.Secret;
import org.svcshare.spawn.People.Verdict;

/// Logging in at a directory that is not searched by everybody.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LdapAccountTest {
    private static final String BASE = "dc=example,dc=org";
    private static final String READER = "cn=reader,dc=example,dc=org";
    private static final String ANNA = "uid=anna,dc=example,dc=org";
    private static final Account ACCOUNT = new Account(READER, new Secret("reader's secret"));

    @TempDir static Path folder;

    private static Path trusted;
    private static InMemoryDirectoryServer directory;
    private static final List<String> binds = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        var authority = new TestAuthority(folder, "authority");
        trusted = authority.pem();
        authority.sign("right", "dns:localhost,ip:127.0.0.1");
        var tls = LdapPeopleTest.context(authority, "right");
        var config = new InMemoryDirectoryServerConfig(BASE);
        config.setSchema(null);
        config.setAuthenticationRequiredOperationTypes(OperationType.SEARCH);
        config.setListenerConfigs(
                LdapPeopleTest.listenTls("tls", tls), LdapPeopleTest.listenStart("start", tls));
        config.addInMemoryOperationInterceptor(
                new InMemoryOperationInterceptor() {
                    @Override
                    public void processSimpleBindRequest(
                            InMemoryInterceptedSimpleBindRequest request) {
                        binds.add(request.getRequest().getBindDN());
                    }
                });
        directory = new InMemoryDirectoryServer(config);
        directory.add("dn: " + BASE, "objectClass: domain", "dc: example");
        directory.add(
                "dn: " + READER,
                "objectClass: applicationProcess",
                "cn: reader",
                "userPassword: " + ACCOUNT.password().reveal());
        directory.add(
                "dn: " + ANNA,
                "objectClass: inetOrgPerson",
                "uid: anna",
                "sn: Berg",
                "userPassword: anna's secret");
        directory.add("dn: cn=ops," + BASE, "objectClass: group", "cn: ops", "memberUid: anna");
        directory.startListening();
    }

    @AfterAll
    static void stop() {
        directory.shutDown(true);
    }

    @BeforeEach
    void forget() {
        binds.clear();
    }

    private static Ldap ldap(String listener, String base, Optional<Account> account) {
        return new Ldap(
                new Endpoint("localhost", directory.getListenPort(listener)),
                base,
                listener.equals("tls"),
                Optional.of(trusted),
                "(uid=%s)",
                "(memberUid=%s)",
                List.of(),
                account,
                Duration.ofSeconds(5));
    }

    private static Verdict login(Optional<Account> account, String password) throws Exception {
        return LdapPeopleTest.login(ldap("tls", BASE, account), "anna", password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls", "start"})
    void given_an_account_when_somebody_logs_in_then_it_searches_and_looks_groups_up(
            String listener) throws Exception {
        Ldap ldap = ldap(listener, BASE, Optional.of(ACCOUNT));

        assertEquals(
                new Verdict.Known(new Person("anna", "", "Berg", "", List.of("ops"))),
                LdapPeopleTest.login(ldap, "anna", "anna's secret"));
        assertEquals(List.of(READER, ANNA, READER), binds);
        assertEquals(Optional.empty(), DirectoryProbe.ask(ldap));
    }

    @Test
    void given_an_account_when_the_password_is_wrong_then_it_is_not_let_in() throws Exception {
        assertEquals(new Verdict.Unknown(), login(Optional.of(ACCOUNT), "reader's secret"));
        assertEquals(List.of(READER, ANNA), binds);
    }

    @ParameterizedTest
    @ValueSource(strings = {READER, "cn=nobody,dc=example,dc=org", "reader"})
    void given_an_account_that_is_refused_when_somebody_logs_in_then_it_is_named(String dn)
            throws Exception {
        var account = Optional.of(new Account(dn, new Secret("old secret")));
        var away = assertInstanceOf(Verdict.Away.class, login(account, "anna's secret"));

        assertTrue(
                away.why()
                        .matches(
                                "localhost:\\d+: refuses replica.control.ldap.bind-dn: invalid"
                                        + " (credentials|DN syntax)"),
                away.why());
        assertTrue(!binds.contains(ANNA), binds::toString);
        assertEquals(Optional.of(away.why()), DirectoryProbe.ask(ldap("tls", BASE, account)));
    }

    @Test
    void given_no_account_when_somebody_logs_in_then_it_is_said_what_may_be_wanted()
            throws Exception {
        var away = assertInstanceOf(Verdict.Away.class, login(Optional.empty(), "anna's secret"));

        assertTrue(
                away.why().endsWith("it may want replica.control.ldap.bind-dn to be searched"),
                away.why());
        assertEquals(
                Optional.of(away.why()), DirectoryProbe.ask(ldap("tls", BASE, Optional.empty())));
    }

    @Test
    void given_a_base_that_is_not_there_when_the_directory_is_asked_then_that_is_told()
            throws Exception {
        var told = DirectoryProbe.ask(ldap("tls", "dc=elsewhere", Optional.of(ACCOUNT)));

        assertTrue(
                told.orElse("")
                        .endsWith(
                                ": there is no dc=elsewhere, or it may not be seen by"
                                        + " replica.control.ldap.bind-dn"),
                told::toString);
    }
}
