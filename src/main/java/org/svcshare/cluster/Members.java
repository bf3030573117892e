package org.svcshare.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.Question.Reply;
import org.svcshare.pool.Group;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupChange.NewNode;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;

/// Who belongs to the group, as this node knows it or asks its leader, and changes to that. Each
/// question has a virtual thread, which waits.
final class Members implements Group {
    private static final Logger LOG = LoggerFactory.getLogger(Members.class);

    /// For a new node to get what the others have.
    private static final Duration CATCHING_UP = Duration.ofSeconds(60);

    private static final Duration DECIDING = Duration.ofSeconds(10);

    /// While it is handed over nothing is taken.
    private static final Duration HANDING_OVER = Duration.ofSeconds(3);

    private static final Duration LONGEST = CATCHING_UP.plus(DECIDING.multipliedBy(2));
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final ClusterSettings settings;
    private final RaftNode node;
    private final GroupSight sight;
    private final PeerCall calls;

    /// What this node changes as leader, for people; empty: nothing.
    private final AtomicReference<String> changing = new AtomicReference<>("");

    /// Who is being let in.
    private volatile @Nullable Member joining;

    Members(ClusterSettings settings, RaftNode node, GroupSight sight) {
        this.settings = settings;
        this.node = node;
        this.sight = sight;
        this.calls = new PeerCall(settings);
    }

    // For who asks this node.

    @Override
    public void look(Consumer<GroupView> then) {
        Thread.ofVirtual().name("group").start(() -> then.accept(look()));
    }

    private GroupView look() {
        GroupView own = view();
        Optional<Member> leader = node.leads() ? Optional.empty() : leader();
        if (leader.isPresent()) {
            try {
                if (calls.ask(leader.get().peer(), new Question.Look(), ANSWER)
                        instanceof Reply.Seen(GroupView seen)) {
                    return GroupSight.merged(own, seen);
                }
            } catch (IOException e) {
                LOG.debug("the leader does not tell how the group is: {}", e.toString());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        return own;
    }

    @Override
    public void change(GroupChange change, Answer answer) {
        Thread.ofVirtual()
                .name("group")
                .start(() -> {
                    switch (bring(change)) {
                        case Reply.Refused(GroupRefusal refusal, String why) ->
                                answer.refused(refusal, why);
                        case Reply.Done _ -> answer.done();
                        case Reply.Me _, Reply.Seen _, Reply.Far _, Reply.Welcomed _ ->
                                answer.refused(
                                        GroupRefusal.PERHAPS_DONE, "the leader answers nonsense");
                    }
                });
    }

    /// Does it where this node leads, or has it done by who does.
    Reply bring(GroupChange change) {
        long until = System.nanoTime() + settings.patience().toNanos();
        Reply last = new Reply.Refused(GroupRefusal.NO_LEADER, "the group has no leader");
        try {
            do {
                if (node.leads()) {
                    last = changeHere(change);
                } else {
                    Optional<Member> leader = leader();
                    if (leader.isPresent()) {
                        last = hand(leader.get(), change);
                    }
                }
                if (!(last instanceof Reply.Refused(GroupRefusal refusal, _))
                        || refusal != GroupRefusal.NO_LEADER) {
                    return last;
                }
                Thread.sleep(PAUSE);
            } while (System.nanoTime() - until < 0);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return last;
    }

    private Optional<Member> leader() {
        Optional<String> leader = node.leader().filter(id -> !id.equals(settings.self()));
        return leader.flatMap(id -> node.configuration().member(id));
    }

    private Reply hand(Member leader, GroupChange change) throws InterruptedException {
        try {
            return calls.ask(leader.peer(), new Question.Change(change, false), LONGEST);
        } catch (PeerCall.NotReached e) {
            return new Reply.Refused(
                    GroupRefusal.NO_LEADER,
                    "the leader " + leader.id() + " cannot be reached: " + PeerCall.text(e));
        } catch (IOException e) {
            return new Reply.Refused(
                    GroupRefusal.PERHAPS_DONE,
                    "the leader " + leader.id() + " did not answer: " + PeerCall.text(e));
        }
    }

    // Where this node leads.

    GroupView view() {
        return sight.view(changing.get(), Optional.ofNullable(joining));
    }

    /// Changes the group; one change at a time. Waits until it is done.
    Reply changeHere(GroupChange change) throws InterruptedException {
        if (!node.leads()) {
            return new Reply.Refused(
                    GroupRefusal.NO_LEADER, settings.self() + " does not lead the group");
        }
        String what = words(change);
        if (!changing.compareAndSet("", what)) {
            return new Reply.Refused(
                    GroupRefusal.CHANGING, "another change is under way: " + changing.get());
        }
        boolean elsewhere;
        try {
            LOG.info("the group changes: {}", what);
            elsewhere = carryOut(change);
            LOG.info("the group has changed: {}", what);
        } catch (GroupException e) {
            LOG.warn("the group was not changed ({}): {}", what, e.why());
            return new Reply.Refused(e.refusal(), e.why());
        } finally {
            joining = null;
            changing.set("");
        }
        return elsewhere ? bring(change) : new Reply.Done();
    }

    private static String words(GroupChange change) {
        return switch (change) {
            case GroupChange.Add(NewNode node) -> "add " + node.name() + "=" + node.address();
            case GroupChange.Remove(String node) -> "remove " + node;
            case GroupChange.Replace(String old, NewNode node) ->
                    "replace " + old + " by " + node.name() + "=" + node.address();
            case GroupChange.Transfer(String node) -> "let " + node + " lead";
            case GroupChange.Prefer(String node, int priority) ->
                    "priority of "
                            + node
                            + ": "
                            + (priority == GroupChange.OFF ? "off" : Integer.toString(priority));
        };
    }

    /// @return whether another leads now, and has to do it
    private boolean carryOut(GroupChange change) throws GroupException, InterruptedException {
        RaftChanges raft = node.changes();
        if (raft == null) {
            throw new GroupException(GroupRefusal.NO_LEADER, "this node has no group");
        }
        // Who leads surely knows who belongs to the group.
        await(node.catchUp(), DECIDING);
        var rules = new GroupRules(node.configuration().members());
        Set<String> reachable = sight.reachable();
        switch (change) {
            case GroupChange.Add(NewNode fresh) -> {
                rules.add(Member.of(fresh, GroupChange.USUAL));
                let(raft, rules.add(welcome(fresh)));
            }
            case GroupChange.Remove(String name) -> {
                List<Member> next = rules.remove(name, reachable);
                if (name.equals(settings.self()) && leavesLead(raft, rules, reachable)) {
                    return true;
                }
                await(raft.configure(next), DECIDING);
                sayFarewell(rules.member(name));
            }
            case GroupChange.Replace(String old, NewNode fresh)
                    when rules.has(Member.of(fresh, GroupChange.USUAL)) ->
            // It has joined by itself meanwhile.
            {
                return carryOut(new GroupChange.Remove(old));
            }
            case GroupChange.Replace(String old, NewNode fresh) -> {
                rules.replace(old, Member.of(fresh, GroupChange.USUAL), reachable);
                if (rules.members().size() <= 2) {
                    // Ratis does not change half of a group or more in one step.
                    return carryOut(new GroupChange.Add(fresh))
                            || carryOut(new GroupChange.Remove(old));
                }
                if (old.equals(settings.self()) && leavesLead(raft, rules, reachable)) {
                    return true;
                }
                replace(raft, rules, rules.member(old), fresh);
            }
            case GroupChange.Transfer(String name) -> {
                rules.transfer(name, reachable);
                await(raft.transfer(name, HANDING_OVER), DECIDING);
            }
            case GroupChange.Prefer(String name, int priority) ->
                    await(raft.configure(rules.prefer(name, priority)), DECIDING);
        }
        return false;
    }

    /// Where the new one stands at the place of the old one, that one goes first: what is sent to
    /// it would arrive at the new one.
    private void replace(RaftChanges raft, GroupRules rules, Member old, NewNode fresh)
            throws GroupException, InterruptedException {
        if (Member.of(fresh, GroupChange.USUAL).sameAddress(old)) {
            meet(fresh);
            await(raft.configure(rules.without(old.id())), DECIDING);
            let(raft, new GroupRules(rules.without(old.id())).add(welcome(fresh)));
        } else {
            let(raft, new GroupRules(rules.without(old.id())).add(welcome(fresh)));
            sayFarewell(old);
        }
    }

    /// Makes sure that a node is there which could be added.
    private void meet(NewNode fresh) throws GroupException, InterruptedException {
        try {
            Reply reply =
                    calls.ask(
                            Member.of(fresh, GroupChange.USUAL).peer(),
                            new Question.Who(),
                            DECIDING);
            if (!(reply instanceof Reply.Me me) || !me.node().equals(fresh.name())) {
                throw new IOException("another node is there");
            }
        } catch (IOException e) {
            throw absent(fresh, e);
        }
    }

    /// Asks a node to begin, without anything.
    private Member welcome(NewNode fresh) throws GroupException, InterruptedException {
        Member asked = Member.of(fresh, GroupChange.USUAL);
        joining = asked;
        try {
            return switch (calls.ask(asked.peer(), new Question.Welcome(fresh.name()), DECIDING)) {
                case Reply.Welcomed(int priority) -> Member.of(fresh, priority);
                case Reply.Refused(GroupRefusal refusal, String why) ->
                        throw new GroupException(refusal, why);
                case Reply.Me _, Reply.Seen _, Reply.Far _, Reply.Done _ ->
                        throw new IOException("it answers nonsense");
            };
        } catch (IOException e) {
            throw absent(fresh, e);
        }
    }

    private static GroupException absent(NewNode fresh, IOException why) {
        return new GroupException(
                GroupRefusal.NOT_REACHED,
                "node "
                        + fresh.name()
                        + " does not answer at port "
                        + (fresh.port() + 1)
                        + " of "
                        + fresh.host()
                        + " ("
                        + PeerCall.text(why)
                        + "): does it run, with the same cluster.name and certificates?");
    }

    private void let(RaftChanges raft, List<Member> next)
            throws GroupException, InterruptedException {
        try {
            await(raft.configure(next), CATCHING_UP);
        } catch (GroupException e) {
            Member fresh = joining;
            if (e.refusal() != GroupRefusal.PERHAPS_DONE || fresh == null || !node.leads()) {
                throw e;
            }
            throw new GroupException(
                    GroupRefusal.NOT_CAUGHT_UP,
                    sight.progress(fresh.id()) + "; it goes on: see svcshare cluster status");
        }
    }

    /// Who is to go lets another lead before, if there is one to whom it can be handed: without it
    /// the others have to elect one.
    private boolean leavesLead(RaftChanges raft, GroupRules rules, Set<String> reachable)
            throws InterruptedException {
        for (Member heir : rules.without(settings.self())) {
            try {
                rules.transfer(heir.id(), reachable);
                await(raft.transfer(heir.id(), HANDING_OVER), DECIDING);
                return true;
            } catch (GroupException e) {
                LOG.debug("{} does not take over: {}", heir.id(), e.why());
            }
        }
        return false;
    }

    private void sayFarewell(Member gone) throws InterruptedException {
        var farewell = new Question.Farewell(node.configuration().index());
        try {
            calls.ask(gone.peer(), farewell, ANSWER);
        } catch (IOException e) {
            LOG.debug("{} was removed and does not know it yet: {}", gone.id(), e.toString());
        }
    }

    static void await(CompletableFuture<Void> doing, Duration limit)
            throws GroupException, InterruptedException {
        try {
            doing.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause =
                    e.getCause() instanceof CompletionException c ? c.getCause() : e.getCause();
            throw cause instanceof GroupException known
                    ? known
                    : new GroupException(GroupRefusal.NO_LEADER, String.valueOf(cause));
        } catch (TimeoutException _) {
            throw new GroupException(
                    GroupRefusal.PERHAPS_DONE,
                    "it is not decided after " + limit.toSeconds() + " s");
        }
    }
}
