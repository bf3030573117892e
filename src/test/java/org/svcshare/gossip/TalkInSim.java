package org.svcshare.gossip;

import java.time.InstantSource;
import java.util.Collection;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.PeerSettings;
import org.svcshare.store.Member;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// The part of a [GossipChannel] that decides, for the simulator to run on its own clock.
public final class TalkInSim {
    private final Conversation conversation;

    /// As [Conversation.Out].
    public interface Out {
        void say(@Nullable String to, String text);

        void event(TurnEvent event);
    }

    public TalkInSim(
            PeerSettings settings,
            String bootId,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random,
            Out out) {
        conversation =
                new Conversation(
                        settings,
                        bootId,
                        clock,
                        nanos,
                        random,
                        new Conversation.Out() {
                            @Override
                            public void say(@Nullable String to, String text) {
                                if (text.length() > Talk.MAX_BYTES) {
                                    throw new AssertionError(text.length() + " " + text);
                                }
                                out.say(to, text);
                            }

                            @Override
                            public void event(TurnEvent event) {
                                out.event(event);
                            }

                            @Override
                            public void rejected(String reason) {}
                        });
    }

    public void join(String group, String name, Collection<Member> members) {
        conversation.join(group, name, members);
    }

    public void came(Member member) {
        conversation.came(member);
    }

    public void went(String name) {
        conversation.went(name);
    }

    public void send(@Nullable String to, PeerMessage message) {
        conversation.send(to, message);
    }

    public void heard(String from, boolean direct, String text) {
        conversation.heard(from, direct, text);
    }

    public long dueNanos() {
        return conversation.dueNanos();
    }

    public void onTime() {
        conversation.onTime();
    }

    public Map<String, Long> rejected() {
        return conversation.rejected();
    }
}
