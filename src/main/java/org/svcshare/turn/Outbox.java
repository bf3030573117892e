package org.svcshare.turn;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.TurnEffect.Weight;

/// Collects the effects of one event, in order.
final class Outbox {
    private List<TurnEffect> effects = new ArrayList<>();

    void add(TurnEffect effect) {
        effects.add(effect);
    }

    /// To everybody in the channel.
    void broadcast(PeerMessage message) {
        send(null, message);
    }

    void send(@Nullable String to, PeerMessage message) {
        add(new TurnEffect.Send(to, message));
    }

    /// Part of an election, for the people in the channel.
    void announce(String text) {
        add(new TurnEffect.Say(null, text, Weight.ELECTION));
    }

    /// Something that nobody asked for.
    void chat(String text) {
        add(new TurnEffect.Say(null, text, Weight.CHATTER));
    }

    /// To where the question came from.
    void answer(Asker asker, String text) {
        add(new TurnEffect.Say(asker.direct() ? asker.nick() : null, text, Weight.ANSWER));
    }

    /// The same, and to the channel if the question was private: for what changes the state.
    void answerAndTell(Asker asker, String text) {
        answer(asker, text);
        if (asker.direct()) {
            add(new TurnEffect.Say(null, text, Weight.ANSWER));
        }
    }

    void answerPrivately(Asker asker, String text) {
        add(new TurnEffect.Say(asker.nick(), text, Weight.ANSWER));
    }

    void start(Timer timer, Duration delay) {
        add(new TurnEffect.StartTimer(timer, delay));
    }

    void cancel(Timer timer) {
        add(new TurnEffect.CancelTimer(timer));
    }

    void note(Happening happening) {
        add(new TurnEffect.Note(happening));
    }

    List<TurnEffect> take() {
        var taken = List.copyOf(effects);
        effects = new ArrayList<>();
        return taken;
    }
}
