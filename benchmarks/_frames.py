"""What made-up people talk about, and the sentences that they use; frequent ones stand first.

In a sentence `{}` is a word that says something.
"""

from typing import Final

FRAMES: Final = (
    "I have been thinking about the {} and the {} since {name} brought it up.",
    "We should look at the {} before the {} is ready.",
    "Do you remember the {} {} that {name} told us about?",
    "The {} did not work, so I tried a {} instead.",
    "It was a long day: first the {}, then the {} and in the end the {}.",
    "I think that {} is better than {} for the {}.",
    "What happened with the {} after they changed the {}?",
    "{name} says the {} needs a new {} by the end of the week.",
    "Yes, I did the {} last {} and it went really well!",
    "My {} is still about {} {}, which is not what I wanted.",
    "There were {number} of them in the {}, most with a {} {}.",
    "I am going to a {} {} next month with {name}.",
    "Can you check the {} of the {} again, please?",
    "After the {} I felt that {} was more important to me than {}.",
    "The {} {} gives us the {}, and from there we reach the {}.",
    "That sounds great, I would love to see your {} and hear about the {}.",
    "The problem is in the {}: it reads the {} before the {} has been written.",
    "I found a {} for the {} in the {}, it costs about {number}.",
    "For me a {} is all about {}, {} and a bit of {}.",
    "They moved the {} to {}, because the {} there was too {}.",
    "Here is a photo of the {} that we made for the {}.",
    "If the {} fails, use the {} from the {} and write it down.",
    "No, that was not me; it was {name} who started the {} {}.",
    "Some of the {} are {}, others {}, and I cannot tell why.",
    "It took me {number} hours to get the {} into the {}.",
    "I learned that the {} prefers {} over {} when the {} is late.",
    "You were right about the {}, the {} was much too {}.",
    "Since the {} was closed we had to go on with the {} of {name}.",
    "Ticket {number}: the {} shows {} instead of {}.",
    "A {} without {} is like {} without {}, as {name} used to say.",
    "How is the {} coming along, and did the {} ever get {}?",
    "The {} team wants a {} {} that can do {} and {}.",
    "We met at the {}, talked about {} and {}, and then had some {}.",
    "Nothing in the {} explains why the {} of the {} went {}.",
    "Let us keep the {}, drop the {}, and ask {name} for the {}.",
    "When I was young my family had a {} near the {}.",
)

ASIDES: Final = (
    "Thanks, {name}!",
    "That is great, {name}, keep going!",
    "Ok, will do.",
    "Sounds good to me.",
    "Wow, really?",
    "Done.",
    "No problem.",
    "Take care and talk to you soon, {name}!",
    "Same here.",
    "All {number} tests passed.",
    "Nice {}!",
    "I see.",
)

ASKED: Final = (
    "What did {name} say about the {}?",
    "When did {name} go to the {} {}?",
    "{} {}",
    "{} {} {}",
    "Why was the {} {} of {name} changed?",
    "How many {} are there in the {}?",
    "Which {} does {name} prefer for the {} and the {}?",
    "{} of the {} with {} and {}",
    "Where did they find the {} for the {} {}?",
    "What is the problem with the {} {} after the {} was {}?",
    "{name} {} {}",
    "What kind of {} did {name} make for the {} near the {}, and was it {} or {}?",
    "Who told {name} about the {} and the {}, the {} or the {} {}?",
)

NAMES: Final = tuple(
    name
    for names in (
        "Anna Ben Clara David Elena Frank Grace Hassan Irene Jonas Kira Leo Maria Nora Oscar",
        "Priya Quentin Rosa Samuel Tanya Umar Vera Walter Xenia Yusuf Zoe Alice Bruno Carmen",
        "Dmitri Edith Felix Greta Hugo Ingrid Jamal Katrin Lars Mei Nils Olga Pedro Rachel Stefan",
        "Theresa Ulrich Victor Wanda Amir Bella Carlos Daria Emil Fatima Gustav Helen Ivan Judith",
        "Kofi Laura Marco Nadia Otto Paula Rafael Sofia Tomas Ursula Viola Wilma Aisha Boris Diego",
    )
    for name in names.split()
)

THEMES: Final = tuple(
    words.split()
    for words in (
        "invoice refund payment customer account currency balance bank receipt tax price discount",
        "server deploy release rollback cluster container outage traffic latency monitor backup",
        "test failure assertion fixture coverage regression mock suite flaky branch commit merge",
        "database index query table column migration transaction schema lock replica record cache",
        "parser token syntax compiler module import function variable exception type class loop",
        "browser button page layout screen menu style colour font dialog keyboard click scroll",
        "password login session permission role certificate key secret audit attack leak privacy",
        "model training dataset prompt embedding score benchmark gradient label prediction memory",
        "garden tomato seed soil flower watering compost rose greenhouse weed harvest bee tulip",
        "kitchen recipe bread soup garlic oven dinner cheese pasta sauce spice salad dessert cake",
        "guitar concert melody drum piano choir album rehearsal violin singer stage band rhythm",
        "marathon training runner coach injury stretching medal race stadium swimming cycling team",
        "painting canvas brush gallery sculpture portrait sketch museum exhibition pottery colour",
        "hospital doctor nurse surgery medicine fever allergy diagnosis therapy patient clinic",
        "school teacher exam homework lesson student classroom university lecture degree essay",
        "flight airport passport hotel luggage beach museum train ticket island tour border visa",
        "mountain trail tent campfire river forest hiking waterfall lake summit backpack valley",
        "puppy kitten leash veterinarian parrot horse aquarium rescue adoption collar fur rabbit",
        "wedding bride ceremony anniversary family grandmother cousin birthday gift party guests",
        "apartment rent landlord furniture kitchen balcony neighbour roof plumbing carpet lease",
        "novel author chapter poem library publisher character plot reader fiction diary editor",
        "movie director actor scene script festival comedy documentary camera premiere studio",
        "election senate law policy vote campaign protest minister citizen reform treaty debate",
        "court lawyer judge contract witness trial evidence lawsuit appeal verdict clause rights",
        "factory machine engine assembly welding robot conveyor maintenance sensor valve pump",
        "battery solar turbine grid energy voltage charger electric fuel emission carbon wind",
        "rocket satellite orbit telescope planet astronaut galaxy launch moon gravity comet",
        "chemistry molecule reaction laboratory enzyme protein microscope sample experiment acid",
        "storm rainfall drought temperature flood snow forecast hurricane thunder climate cloud",
        "warehouse shipment parcel courier inventory supplier pallet freight order delay customs",
        "dress jacket fabric tailor fashion shoes jewellery pattern sewing cotton scarf boutique",
        "church prayer faith temple meditation pilgrimage ritual monk blessing scripture choir",
        "chess puzzle board tournament dice strategy opponent console level quest avatar arcade",
        "startup investor funding revenue pitch founder equity valuation market growth partner",
        "interview resume salary promotion manager career colleague deadline meeting vacation",
        "football goal referee league striker penalty season championship defender transfer",
        "baby pregnancy toddler stroller crib nursery diaper lullaby daycare mother childhood",
        "anxiety depression therapist stress mindfulness support courage grief healing sleep",
        "bicycle helmet tyre brake highway parking accident bus subway driver bridge traffic",
        "farm tractor cattle wheat barn pasture sheep irrigation orchard milk chicken plough",
    )
)
