/// A deterministic simulator of groups of bots: a virtual clock, a seeded network that delays,
/// loses and splits, bots of both generations, and the invariants that are checked after every
/// step.
@NullMarked
package org.svcshare.sim;

import org.jspecify.annotations.NullMarked;
