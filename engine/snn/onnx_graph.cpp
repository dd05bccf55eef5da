// SPDX-License-Identifier: Apache-2.0
// The messages of onnx.proto, by their field numbers.
#include "engine/snn/onnx_graph.h"

namespace fovea {

namespace {

/// Reads messages and counts what they take in memory.
class Walker {
public:
    explicit Walker(ByteFile &file) : file_(file) {}

    void model(FileRange range, OnnxGraph &graph);
    bool sparse = false;

private:
    /// Calls `take(reader, field)` for every field.
    template <class Take> void fields(FileRange range, Take take) {
        WireReader reader(file_, range);
        while (const auto field = reader.next())
            take(reader, *field);
    }
    void spend(std::uint64_t bytes) {
        spent_ += bytes;
        if (spent_ > onnxRecordBytes)
            file_.damaged(
                fmt::format("its names and nodes take more than {} MiB", onnxRecordBytes >> 20U));
    }
    std::string text(WireReader &reader, const WireField &field) {
        std::string text = reader.text(field);
        spend(text.size() + 40);
        return text;
    }
    void integers(WireReader &reader, const WireField &field, std::vector<std::int64_t> &list);
    void singles(WireReader &reader, const WireField &field, std::vector<float> &list);
    OnnxTensor tensor(FileRange range);
    OnnxNode node(FileRange range);
    std::pair<std::string, OnnxAttribute> attribute(FileRange range);
    OnnxValue value(FileRange range);
    void shape(FileRange range, OnnxValue &value);
    void graph(FileRange range, OnnxGraph &graph);
    std::pair<std::string, std::string> entry(FileRange range);

    ByteFile &file_;
    std::uint64_t spent_ = 0;
};

void Walker::integers(WireReader &reader, const WireField &field, std::vector<std::int64_t> &list) {
    if (field.type == WireField::Type::Varint) {
        spend(sizeof(std::int64_t) * 2);
        list.push_back(reader.integer(field));
        return;
    }
    WireReader packed(file_, reader.bytes(field));
    while (!packed.atEnd()) {
        spend(sizeof(std::int64_t) * 2);
        list.push_back(static_cast<std::int64_t>(packed.varint()));
    }
}

void Walker::singles(WireReader &reader, const WireField &field, std::vector<float> &list) {
    if (field.type == WireField::Type::Fixed32) {
        spend(sizeof(float) * 2);
        list.push_back(reader.single(field));
        return;
    }
    const FileRange range = reader.bytes(field);
    spend(range.size() * 2);
    if (!file_.good())
        return;
    list.resize(range.size() / sizeof(float));
    file_.read(range.begin, list.data(), list.size() * sizeof(float));
}

std::pair<std::string, std::string> Walker::entry(FileRange range) {
    std::pair<std::string, std::string> pair;
    fields(range, [&](WireReader &reader, const WireField &field) {
        if (field.number == 1)
            pair.first = text(reader, field);
        else if (field.number == 2)
            pair.second = text(reader, field);
    });
    return pair;
}

OnnxTensor Walker::tensor(FileRange range) {
    OnnxTensor tensor;
    spend(2 * sizeof(OnnxTensor));
    fields(range, [&](WireReader &reader, const WireField &field) {
        switch (field.number) {
        case 1:
            integers(reader, field, tensor.sides);
            break;
        case 2:
            tensor.type = reader.integer(field);
            break;
        case 4:
        case 5:
        case 7:
        case 10:
            spend(2 * sizeof(FileRange));
            tensor.packed.push_back(field.range);
            tensor.packedField = field.number;
            break;
        case 8:
            tensor.name = text(reader, field);
            break;
        case 9:
            tensor.raw = reader.bytes(field);
            break;
        case 13:
            tensor.externalData.insert(entry(reader.bytes(field)));
            break;
        case 14:
            tensor.external = reader.integer(field) == 1;
            break;
        default:
            break;
        }
    });
    return tensor;
}

std::pair<std::string, OnnxAttribute> Walker::attribute(FileRange range) {
    std::pair<std::string, OnnxAttribute> pair;
    OnnxAttribute &attribute = pair.second;
    spend(2 * sizeof(OnnxAttribute));
    fields(range, [&](WireReader &reader, const WireField &field) {
        switch (field.number) {
        case 1:
            pair.first = text(reader, field);
            break;
        case 2:
            attribute.single = reader.single(field);
            break;
        case 3:
            attribute.integer = reader.integer(field);
            break;
        case 4:
            attribute.text = text(reader, field);
            break;
        case 5:
            attribute.tensor = tensor(reader.bytes(field));
            break;
        case 7:
            singles(reader, field, attribute.singles);
            break;
        case 8:
            integers(reader, field, attribute.integers);
            break;
        default:
            break;
        }
    });
    return pair;
}

OnnxNode Walker::node(FileRange range) {
    OnnxNode node;
    spend(2 * sizeof(OnnxNode));
    fields(range, [&](WireReader &reader, const WireField &field) {
        switch (field.number) {
        case 1:
            node.inputs.push_back(text(reader, field));
            break;
        case 2:
            node.outputs.push_back(text(reader, field));
            break;
        case 3:
            node.name = text(reader, field);
            break;
        case 4:
            node.type = text(reader, field);
            break;
        case 5:
            node.attributes.insert(attribute(reader.bytes(field)));
            break;
        case 7:
            node.domain = text(reader, field);
            break;
        default:
            break;
        }
    });
    return node;
}

void Walker::shape(FileRange range, OnnxValue &value) {
    fields(range, [&](WireReader &dims, const WireField &dim) {
        if (dim.number != 1)
            return;
        std::int64_t side = -1;
        fields(dims.bytes(dim), [&](WireReader &reader, const WireField &field) {
            if (field.number == 1)
                side = reader.integer(field);
        });
        spend(2 * sizeof(side));
        value.sides.push_back(side);
    });
}

OnnxValue Walker::value(FileRange range) {
    OnnxValue value;
    spend(2 * sizeof(OnnxValue));
    fields(range, [&](WireReader &reader, const WireField &field) {
        if (field.number == 1)
            value.name = text(reader, field);
        if (field.number != 2)
            return;
        // TypeProto, its tensor_type, that one's shape.
        fields(reader.bytes(field), [&](WireReader &type, const WireField &kind) {
            if (kind.number != 1)
                return;
            fields(type.bytes(kind), [&](WireReader &inner, const WireField &part) {
                if (part.number == 2)
                    shape(inner.bytes(part), value);
            });
        });
    });
    return value;
}

void Walker::graph(FileRange range, OnnxGraph &graph) {
    fields(range, [&](WireReader &reader, const WireField &field) {
        switch (field.number) {
        case 1:
            graph.nodes.push_back(node(reader.bytes(field)));
            break;
        case 5: {
            OnnxTensor weights = tensor(reader.bytes(field));
            std::string name = weights.name;
            if (!graph.initializers.emplace(std::move(name), std::move(weights)).second)
                file_.damaged(
                    fmt::format("two initializers have one name (byte {})", field.range.begin));
            break;
        }
        case 11:
            graph.inputs.push_back(value(reader.bytes(field)));
            break;
        case 12:
            graph.outputs.push_back(value(reader.bytes(field)));
            break;
        case 15:
            sparse = true;
            break;
        default:
            break;
        }
    });
}

void Walker::model(FileRange range, OnnxGraph &all) {
    std::string version;
    bool found = false;
    fields(range, [&](WireReader &reader, const WireField &field) {
        switch (field.number) {
        case 1:
            all.irVersion = reader.integer(field);
            break;
        case 2:
            all.producer = text(reader, field);
            break;
        case 3:
            version = text(reader, field);
            break;
        case 7:
            found = true;
            graph(reader.bytes(field), all);
            break;
        case 8: {
            std::string domain;
            std::int64_t number = 0;
            fields(reader.bytes(field), [&](WireReader &set, const WireField &part) {
                if (part.number == 1)
                    domain = text(set, part);
                else if (part.number == 2)
                    number = set.integer(part);
            });
            if (domain.empty() || domain == "ai.onnx")
                all.opset = number;
            break;
        }
        default:
            break;
        }
    });
    if (!version.empty())
        all.producer += " " + version;
    if (!found)
        file_.damaged("not an ONNX file: it holds no graph");
}

}  // namespace

Result<OnnxGraph> readOnnxGraph(ByteFile &file) {
    OnnxGraph graph;
    Walker walker(file);
    walker.model({0, file.size()}, graph);
    if (auto read = file.status(); !read)
        return failed(read);
    if (walker.sparse)
        return fail(ErrorCode::Unsupported, "{}: sparse weights are not supported",
                    file.path().string());
    return graph;
}

}  // namespace fovea
