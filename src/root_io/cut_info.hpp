// The cut of infer in the user information of a tree (score_cut.hpp). Private to the module.
#pragma once

#include <TTree.h>

#include <stationhit/root_io/scored_ntuple.hpp>

namespace stationhit::root_io {

// Removes what a copied tree says about the cut of its input.
void remove_cut_info(TTree& tree);
void add_cut_info(TTree& tree, const ScoreCut& cut);

}  // namespace stationhit::root_io
