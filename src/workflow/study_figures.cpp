#include "study_figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace stationhit::workflow {
namespace {

constexpr double beside = 0.14;  // of a row: two points of one row stand above each other
constexpr const char* without = "without_";
constexpr const char* line_color = "#888888";

plots::Series make_points(const std::string& label) {
  return {.label = label, .draw = plots::Draw::points};
}

void add_point(plots::Series& series, const StudyEstimate& estimate, double y) {
  const double error = std::isnan(estimate.error) ? 0 : estimate.error;
  series.x.push_back(estimate.value);
  series.x_low.push_back(estimate.value - error);
  series.x_high.push_back(estimate.value + error);
  series.y.push_back(y);
}

plots::Series vertical_line(double x, std::size_t rows, const std::string& label) {
  return {.label = label,
          .draw = plots::Draw::dashed_line,
          .x = {x, x},
          .y = {-0.5, static_cast<double>(rows) - 0.5},
          .color = line_color,
          .line_width = 2};
}

// Of the features that a row of a study of features is about.
std::string subject_of(const StudyEntry& entry) {
  return entry.method == StudyMethod::permuted ? entry.name
                                               : entry.name.substr(std::string(without).size());
}

std::string label_of(const StudyEntry& entry) {
  return entry.method == StudyMethod::permuted ? entry.label
                                               : entry.label.substr(std::string(without).size());
}

// How much the first entry about a subject changes the quantity for the worse.
double damage(const StudyEntry& entry, std::size_t quantity) {
  const double change = entry.differences[quantity].value;
  return study_quantities[quantity].larger_is_better ? -change : change;
}

struct Subject {
  std::string name, label;
  const StudyEntry *permuted = nullptr, *trained = nullptr;

  [[nodiscard]] double damage_to(std::size_t quantity) const {
    return damage(permuted != nullptr ? *permuted : *trained, quantity);
  }
};

// The least important first: rows are counted from the bottom.
std::vector<Subject> subjects_of(const std::vector<StudyEntry>& entries, std::size_t quantity) {
  std::vector<Subject> subjects;
  for (const StudyEntry& entry : entries) {
    if (entry.name == base_variant) continue;
    const std::string name = subject_of(entry);
    auto found = std::ranges::find(subjects, name, &Subject::name);
    if (found == subjects.end())
      found = subjects.insert(subjects.end(), {.name = name, .label = label_of(entry)});
    (entry.method == StudyMethod::permuted ? found->permuted : found->trained) = &entry;
  }
  std::ranges::stable_sort(subjects, {},
                           [&](const Subject& subject) { return subject.damage_to(quantity); });
  return subjects;
}

void draw_importance(plots::Figure& figure, const std::vector<StudyEntry>& entries,
                     std::size_t quantity) {
  plots::Series permuted = make_points("Values permuted"), trained = make_points("Trained without");
  const auto subjects = subjects_of(entries, quantity);
  for (const Subject& subject : subjects) {
    const auto y = static_cast<double>(figure.rows.size());
    figure.rows.push_back(subject.label);
    if (subject.permuted != nullptr)
      add_point(permuted, subject.permuted->differences[quantity], y + beside);
    if (subject.trained != nullptr)
      add_point(trained, subject.trained->differences[quantity], y - beside);
  }
  figure.x.title = std::string(study_quantities[quantity].title) + ", difference to the base";
  figure.series = {std::move(permuted), std::move(trained), vertical_line(0, subjects.size(), "")};
}

void draw_means(plots::Figure& figure, const std::vector<StudyEntry>& entries,
                std::size_t quantity) {
  plots::Series points = make_points("");
  double base = std::nan("");
  const std::vector<StudyEntry> from_the_bottom(entries.rbegin(), entries.rend());
  for (const StudyEntry& entry : from_the_bottom) {
    add_point(points, entry.values[quantity], static_cast<double>(figure.rows.size()));
    figure.rows.push_back(entry.label);
    if (entry.name == base_variant) base = entry.values[quantity].value;
  }
  figure.x.title = study_quantities[quantity].title;
  figure.series = {std::move(points), vertical_line(base, figure.rows.size(), "Base")};
}

// The learning curve: the base trained on most events.
void draw_learning_curve(plots::Figure& figure, std::vector<StudyEntry> entries,
                         std::size_t quantity) {
  std::ranges::stable_sort(entries, {}, &StudyEntry::training_events);
  plots::Series curve{.draw = plots::Draw::line_with_points};
  for (const StudyEntry& entry : entries) {
    const auto [value, error] = entry.values[quantity];
    curve.x.push_back(static_cast<double>(entry.training_events));
    curve.y.push_back(value);
    curve.y_low.push_back(std::isnan(error) ? value : value - error);
    curve.y_high.push_back(std::isnan(error) ? value : value + error);
  }
  figure.x = {.title = "Training events", .log = true};
  figure.y.title = study_quantities[quantity].title;
  figure.series = {std::move(curve)};
}

}  // namespace

plots::Figure draw_study(StudyKind kind, const std::vector<StudyEntry>& entries,
                         std::size_t quantity) {
  plots::Figure figure;
  figure.stem = std::string(core::name(kind)) + "_" + study_quantities[quantity].name;
  if (kind == StudyKind::features)
    draw_importance(figure, entries, quantity);
  else if (kind == StudyKind::events)
    draw_learning_curve(figure, entries, quantity);
  else
    draw_means(figure, entries, quantity);
  const std::size_t seeds = entries.front().seeds;
  figure.notes = {"Validation, " + (seeds > 1 ? std::to_string(seeds) + " seeds" : "one seed")};
  return figure;
}

void write_study_figures(StudyKind kind, const std::vector<StudyEntry>& entries,
                         const core::SampleInfo& sample, const std::filesystem::path& folder) {
  for (const std::size_t quantity : {auc_index, purity_index})
    plots::write_figure(draw_study(kind, entries, quantity), plots::style_of(sample), folder);
}

}  // namespace stationhit::workflow
