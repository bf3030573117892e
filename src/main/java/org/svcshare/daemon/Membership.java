package org.svcshare.daemon;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.GroupEventNames;
import org.svcshare.gossip.JGroupsGroup;
import org.svcshare.hook.Hooks;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.Value;

/// This svcshare's place in a group, and who hears what happens there: the log, and hooks.
final class Membership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    private final JGroupsGroup group;
    private final Optional<Hooks> hooks;
    private final InstantSource clock = InstantSource.system();
    private final AtomicBoolean started = new AtomicBoolean();

    /// @param version of the program
    /// @throws IOException when the port is taken or the folder cannot be used; the message is for
    ///   people
    Membership(GossipSettings settings, String version, Optional<Hooks> hooks) throws IOException {
        this.hooks = hooks;
        this.group = JGroupsGroup.start(settings, version, clock, new SecureRandom());
        hooks.ifPresent(
                told -> group.answerWith(told.answerer(clock, () -> group.status().name())));
        var _ = group.listen(this::happened);
        // It may have been in the group before anybody listened.
        if (group.status().joined()) {
            happened(new GroupEvent.Started(group.status().name()));
        }
    }

    JGroupsGroup group() {
        return group;
    }

    private void happened(GroupEvent event) {
        if (event instanceof GroupEvent.Started && !started.compareAndSet(false, true)) {
            return;
        }
        log(event);
        hooks.ifPresent(told -> told.accept(event, clock.instant(), group.status().name()));
    }

    /// Who comes and goes matters to whoever reads the log, keys and rounds to whoever looks for
    /// something. Values may be secrets.
    private static void log(GroupEvent event) {
        String name = GroupEventNames.of(event);
        switch (event) {
            case GroupEvent.MemberJoined(Member member) -> log(name, member);
            case GroupEvent.MemberLeft(Member member) -> log(name, member);
            case GroupEvent.MemberFailed(Member member) -> log(name, member);
            case GroupEvent.Started(String own) ->
                    LOG.atInfo().addKeyValue("name", own).log("in the group");
            case GroupEvent.Called(String called, Value payload, String from) ->
                    LOG.atInfo()
                            .addKeyValue("name", called)
                            .addKeyValue("payload", payload)
                            .addKeyValue("from", from)
                            .log(name);
            case GroupEvent.NewKey(Entry entry) -> key(name, entry);
            case GroupEvent.KeyChanged(Entry entry, _) -> key(name, entry);
            case GroupEvent.KeyRemoved(Entry before, _) -> key(name, before);
            case GroupEvent.Stopping _,
                    GroupEvent.BeforeGossip _,
                    GroupEvent.AfterGossip _,
                    GroupEvent.BeforeSync _,
                    GroupEvent.AfterSync _ ->
                    LOG.trace("{}", event);
        }
    }

    private static void log(String name, Member member) {
        LOG.atInfo()
                .addKeyValue("name", member.name())
                .addKeyValue("address", member.address())
                .log(name);
    }

    private static void key(String name, Entry entry) {
        LOG.atDebug().addKeyValue("key", entry.key()).log(name);
    }

    @Override
    public void close() {
        group.close();
    }
}
