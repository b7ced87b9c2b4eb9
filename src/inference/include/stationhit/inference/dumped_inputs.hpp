// The inputs of a model from a dumped event (event_dump.hpp), for any backend and any interface:
// the graph that another one takes follows from the list of edges. And the other way round.
#pragma once

#include <string>
#include <vector>

#include <stationhit/inference/event_dump.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::inference {

// What reads an edge list gets that of the event as it stands there; other models get groups or
// neighbors that are made of it. Throws DataError naming `where`, place and value and saying what
// to do: for features other than those of the model; with a fully connected graph, for edges that
// are not those between all nodes of groups that lie side by side, in one direction or in both
// (such a list gives wrong scores without an error); with neighbors, for more than k edges to a
// node, and for models that need the buckets too, which an edge list does not have then.
[[nodiscard]] PreparedEvents prepare_dumped(const HitClassifier& classifier,
                                            const DumpedEvent& event, const std::string& where);

// The logit of every node, [N], as a tool sees it: graph::score_without_node where the model gives
// none that is finite.
[[nodiscard]] std::vector<float> tool_scores(const HitClassifier& classifier,
                                             const PreparedEvents& prepared);

// What a tool that does as the classifier would dump for this event: an edge list also for models
// that take another form of the graph. model_hash: hash_model_file() of its file; cut: logit.
// Throws DataError like HitClassifier::scores, and for a fully connected graph of more than 2^24
// edges.
[[nodiscard]] DumpedEvent dump_event(const HitClassifier& classifier, const core::Event& event,
                                     const std::string& model_hash, float cut);

}  // namespace stationhit::inference
