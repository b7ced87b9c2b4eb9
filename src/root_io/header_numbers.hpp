// The numbers of the header in files: one list for branches and fields, read and written.
#pragma once

#include <stationhit/core/event.hpp>

namespace stationhit::root_io {

// Calls visit(name, member of core::EventHeader) for every number.
template <class Visitor>
void for_each_header_number(Visitor&& visit) {
  visit("runNumber", &core::EventHeader::run_number);
  visit("eventNumber", &core::EventHeader::event_number);
  visit("lbNumber", &core::EventHeader::lb_number);
  visit("bcid", &core::EventHeader::bcid);
  visit("mcChannelNumber", &core::EventHeader::mc_channel_number);
  visit("mcEventWeight", &core::EventHeader::mc_event_weight);
}

}  // namespace stationhit::root_io
