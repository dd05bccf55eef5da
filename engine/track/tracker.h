// SPDX-License-Identifier: Apache-2.0
// Gives boxes an identity over time.
#pragma once

#include "engine/core/detection.h"
#include "engine/core/plane_shape.h"
#include "engine/track/appearance.h"
#include "engine/track/assignment.h"
#include "engine/track/kalman_axis.h"
#include "engine/track/shape_fit.h"
#include "engine/track/turn_meter.h"

#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

/// Times are in seconds (a plane rate below 8 kHz counts as 8 kHz), lengths in pixels.
struct TrackerSettings {
    double confirmSeconds = 0.001;  ///< a new thing must be seen so long ...
    int confirmHits = 4;            ///< ... and so often, in most of the steps,
    float confirmPixels = 2;        ///< and must have moved so far
    double youngSeconds = 0.01;     ///< things younger than this may turn out to be one
    double coastSeconds = 0.01;     ///< a confirmed one may be unseen so long
    double hiddenSeconds = 0.02;    ///< and be covered by another so long
    double piecesSeconds = 0.005;   ///< and in large pieces for so long
    double twinSeconds = 0.01;      ///< two in the same place for so long are one
    double mergedSeconds = 0.2;     ///< and share a box with others so long
    double settleSeconds = 0.05;    ///< how a new thing looks must be known, or so long pass
    double memorySeconds = 1;       ///< what was lost is known again for so long
    float gate = 15;                ///< a box may lie so far from its prediction
    float positionSigma = 1.0F;     ///< of a box's centre
    double acceleration = 2e6;      ///< spectral density, px^2 / s^3

    friend bool operator==(const TrackerSettings &, const TrackerSettings &) = default;
};

/// Constant-velocity Kalman filters and optimal assignment (as SORT, Bewley et al. 2016), and two
/// things more: pieces of an object are put together, and one box around several objects that
/// meet is shared among them (each edge of the box belongs to the object expected next to it).
///
/// Threads: an instance belongs to one thread.
class Tracker {
public:
    Tracker(const TrackerSettings &settings, PlaneShape shape, double planeRateHz);

    /// Forgets all tracks; identities go on counting.
    void reset();
    /// The identity that the next thing gets, for whoever makes a new tracker for the same session.
    [[nodiscard]] std::uint32_t nextId() const { return nextId_; }
    void setNextId(std::uint32_t id) { nextId_ = id; }
    /// `detections` are where things were `age` planes before `plane`; planes must not go back.
    /// `occupancy` (at that time, when known) tells more about objects that touch.
    /// Lent until the next call: the confirmed tracks at `plane`, oldest first.
    std::span<const Track> update(std::uint64_t plane, std::span<const Detection> detections,
                                  float age = 0, const Occupancy &occupancy = {});
    /// The confirmed tracks expected at `plane`, at or after the last update. Changes nothing.
    std::span<const Track> predict(std::uint64_t plane);

private:
    struct Identity;
    struct Object;
    void predictAll(double time);
    void associate(std::span<const Detection> detections);
    void gatherPieces(std::span<const Detection> detections);
    void gatherMerged(std::span<const Detection> detections);
    void joinYoung(std::size_t detection, const Box &box);
    void correctAlone(Object &object, const Box &box, const Occupancy &occupancy);
    [[nodiscard]] ObjectShape::Point takeBox(Object &object, const Box &box) const;
    ObjectShape::Point takeShape(Object &object, const Box &box, ObjectShape::Point middle,
                                 const Occupancy &occupancy);
    void turnBox(Object &object, float cellSize, bool size) const;
    [[nodiscard]] bool isPiece(const Object &object, const Box &box) const;
    [[nodiscard]] static bool isOdd(const Object &object, const Box &box);
    [[nodiscard]] bool isClear(const Object &object, std::span<const Detection> detections) const;
    void correctByShape(const Occupancy &occupancy);
    void correctMerged(std::size_t detection, const Box &box);
    void startNew(std::span<const Detection> detections);
    void retire();
    void dropTwins();
    void dropParts();
    void confirm();
    void dropGone();
    [[nodiscard]] bool isSettled(const Object &object) const;
    [[nodiscard]] bool canReach(const Object &object, const Identity &known) const;
    [[nodiscard]] Identity *findIdentity(const Object &object);
    void recognise(Object &object);
    void checkLooks();
    [[nodiscard]] bool mayBePart(const Object &object) const;

    /// Who something is, and what is known of that to know it again.
    struct Identity {
        std::uint32_t id = 0;  ///< 0: not confirmed
        std::uint64_t firstPlane = 0;
        Look look{};                 ///< when it was last alone; rate 0: not known
        ObjectShape::Point place{};  ///< where it was then,
        double time = 0;             ///< when that was,
        float speed = 0;             ///< and how fast, pixels a plane
        int views = 0;               ///< so many made the look

        void learn(const Look &now);
    };

    struct Object {
        Identity who;
        KalmanAxis x, y;  ///< centre of gravity
        float w = 0;
        float h = 0;
        ObjectShape::Point offset;  ///< of the box's centre from there
        float firstX = 0;
        float firstY = 0;
        int hits = 0;
        int steps = 0;
        int steady = 0;    ///< hits in a row with about the same size
        float hidden = 0;  ///< planes for which another object's box explained all
        int odd = 0;       ///< steps in a row with a box of another size
        double firstTime = 0;
        double seenTime = 0;   ///< last time it had a box, own or shared
        double aloneTime = 0;  ///< last time it had a box of its own
        float score = 0;
        int label = -1;                                  ///< class that most boxes of it said,
        int labelVotes = 0;                              ///< by so many more than said another
        std::size_t detection = AssignmentSolver::none;  ///< in this update
        bool merged = false;                             ///< shares its box
        bool clear = false;                              ///< nothing else is near
        float pieces = 0;                                ///< planes for which it has been in pieces
        bool inPieces = false;
        float twin = 0;        ///< planes for which another one was in its place
        float seen = 1;        ///< share of it that is in sight
        bool fitted = false;   ///< placed by its shape
        int apart = 0;         ///< steps in a row in which nothing else was near
        bool gone = false;     ///< to be dropped
        ObjectShape shape;     ///< when it was last alone
        double shapeTime = 0;  ///< when that was
        TurnMeter turn;
        Appearance appearance;  ///< how it looks since it was last near others
        Look view{};            ///< how it looks now; rate 0: not seen alone
        int strange = 0;        ///< steps in a row in which its place looked otherwise
        bool sure = true;       ///< it was seen to be who it is since it was last near others
        Box predicted;
        Box measured;
        [[nodiscard]] Box box(float planes) const;
        /// A box of class `kind` (-1: none) is its own: the majority stays (Boyer and Moore).
        void vote(int kind);
        [[nodiscard]] bool hiddenMostly() const { return seen < 0.3F; }
        [[nodiscard]] bool isStrange() const { return strange > 1; }
        /// Turned by so much since its shape was taken.
        [[nodiscard]] float angle(double time) const {
            return turn.rate() * static_cast<float>(time - shapeTime);
        }
    };

    TrackerSettings settings_;
    PlaneShape shape_;
    float confirmPlanes_, coastPlanes_, piecesPlanes_, twinPlanes_, hiddenPlanes_, mergedPlanes_,
        settlePlanes_, memoryPlanes_, acceleration_, youngPlanes_, velocitySigma_;
    std::vector<Object> objects_;
    std::vector<Identity> lost_;  ///< of what is not followed any more
    std::vector<Track> output_;
    AssignmentSolver solver_;
    ShapeFit fit_;
    std::vector<double> costs_;
    std::vector<Look> looks_;         ///< of each detection
    bool looksKnown_ = false;         ///< in this update
    std::vector<std::size_t> taker_;  ///< object of each detection
    double time_ = 0;
    float stepPlanes_ = 1;
    std::uint64_t plane_ = 0;
    bool started_ = false;
    std::uint32_t nextId_ = 1;
};

}  // namespace fovea
