// What the preparation does with input files that it cannot use.
#pragma once

namespace stationhit::data {

// A file that cannot be opened, is truncated, lacks the hits or has an event that cannot be read,
// beside others that can be used. A single input and one of another machine are always refused.
enum class DamagedInputs { leave_out, refuse };

// Files with the same content, under whatever names, and events with equal numbers and hits.
enum class DuplicateInputs { refuse, keep_first };

struct InputPolicy {
  DamagedInputs damaged = DamagedInputs::leave_out;
  DuplicateInputs duplicates = DuplicateInputs::refuse;
};

}  // namespace stationhit::data
