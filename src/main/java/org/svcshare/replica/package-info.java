/// Several copies of one service: which copy reads are taken from, and in which order writes reach
/// all of them. It decides; connections and files are elsewhere.
@NullMarked
package org.svcshare.replica;

import org.jspecify.annotations.NullMarked;
