package org.svcshare.daemon;

import java.io.IOException;
import java.io.ObjectInputFilter;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.GroupEventNames;
import org.svcshare.config.Settings;
import org.svcshare.gossip.JGroupsGroup;
import org.svcshare.hook.Hooks;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;

/// This svcshare as a member of a group: who is told what happens there.
final class Membership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    private final JGroupsGroup group;

    private Membership(JGroupsGroup group) {
        this.group = group;
    }

    /// @return empty when the settings ask for none
    /// @throws IOException when it cannot be had; the message is for people
    static Optional<Membership> start(Settings settings, Optional<Hooks> hooks) throws IOException {
        Optional<GossipSettings> asked = settings.gossip();
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        refuseSerializedObjects();
        GossipSettings gossip = asked.get();
        var clock = InstantSource.system();
        // What comes before the group is known has been said by this member, under its wanted name.
        var told = new Told(gossip.name(), hooks, clock);
        JGroupsGroup group =
                JGroupsGroup.start(
                        gossip,
                        settings.turn().version(),
                        clock,
                        new SecureRandom(),
                        told::happened);
        told.group = Optional.of(group);
        hooks.ifPresent(all -> group.answerWith(all.answerer(clock, told::name)));
        return Optional.of(new Membership(group));
    }

    /// Nothing here reads Java's serialized objects, and the library under a group would if
    /// somebody sent some.
    private static void refuseSerializedObjects() {
        if (ObjectInputFilter.Config.getSerialFilter() == null) {
            ObjectInputFilter.Config.setSerialFilter(_ -> ObjectInputFilter.Status.REJECTED);
        }
    }

    JGroupsGroup group() {
        return group;
    }

    /// Says goodbye; blocks for a moment.
    @Override
    public void close() {
        group.close();
    }

    /// Tells the log and the hooks.
    private static final class Told {
        private final String wantedName;
        private final Optional<Hooks> hooks;
        private final InstantSource clock;
        private volatile Optional<JGroupsGroup> group = Optional.empty();

        Told(String wantedName, Optional<Hooks> hooks, InstantSource clock) {
            this.wantedName = wantedName;
            this.hooks = hooks;
            this.clock = clock;
        }

        String name() {
            return group.map(MemberGroup::status).map(MemberGroup.Status::name).orElse(wantedName);
        }

        void happened(GroupEvent event) {
            switch (event) {
                case GroupEvent.MemberJoined(Member member) -> log(event, member);
                case GroupEvent.MemberLeft(Member member) -> log(event, member);
                case GroupEvent.MemberFailed(Member member) -> log(event, member);
                default -> {}
            }
            hooks.ifPresent(all -> all.accept(event, clock.instant(), name()));
        }

        private static void log(GroupEvent event, Member member) {
            LOG.atInfo()
                    .addKeyValue("member", member.name())
                    .addKeyValue("address", member.address())
                    .log(GroupEventNames.of(event));
        }
    }
}
