// An event for the C interface.
#pragma once

#include <stationhit.h>

#include <stationhit/core/event.hpp>

namespace stationhit::test {

// All columns and the buckets; the event must outlive it.
inline stationhit_event view_of(const core::Event& event) {
  const core::HitTable& hits = event.hits;
  stationhit_event view{};
  view.struct_size = sizeof view;
  view.event_number = event.header.event_number;
  view.run_number = event.header.run_number;
  view.n_hits = hits.size();
  view.local_x = hits.local_x.data();
  view.local_y = hits.local_y.data();
  view.local_z = hits.local_z.data();
  view.glob_x = hits.glob_x.data();
  view.glob_y = hits.glob_y.data();
  view.glob_z = hits.glob_z.data();
  view.edge_low_x = hits.edge_low_x.data();
  view.edge_low_y = hits.edge_low_y.data();
  view.edge_low_z = hits.edge_low_z.data();
  view.edge_high_x = hits.edge_high_x.data();
  view.edge_high_y = hits.edge_high_y.data();
  view.edge_high_z = hits.edge_high_z.data();
  view.time = hits.time.data();
  view.drift_r = hits.drift_r.data();
  view.read_out_side = hits.read_out_side.data();
  view.cov_xx = hits.cov_xx.data();
  view.cov_xy = hits.cov_xy.data();
  view.cov_yx = hits.cov_yx.data();
  view.cov_yy = hits.cov_yy.data();
  view.meas_eta = hits.meas_eta.data();
  view.meas_phi = hits.meas_phi.data();
  view.n_eta_in_use = hits.n_eta_in_use.data();
  view.n_phi_in_use = hits.n_phi_in_use.data();
  view.technology = hits.technology.data();
  view.station_index = hits.station_index.data();
  view.station_eta = hits.station_eta.data();
  view.station_phi = hits.station_phi.data();
  view.layer = hits.layer.data();
  view.channel = hits.channel.data();
  view.sec_channel = hits.sec_channel.data();
  view.n_buckets = event.buckets.size();
  view.n_bucket_hits = event.buckets.hits.size();
  view.bucket_offsets = event.buckets.offsets.data();
  view.bucket_hits = event.buckets.hits.data();
  view.bucket_x_min = event.buckets.x_min.data();
  view.bucket_x_max = event.buckets.x_max.data();
  return view;
}

}  // namespace stationhit::test
